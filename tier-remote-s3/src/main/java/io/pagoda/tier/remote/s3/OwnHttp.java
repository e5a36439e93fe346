package io.pagoda.tier.remote.s3;

import io.pagoda.remote.http.Wire;
import io.pagoda.remote.http.WireRequest;
import io.pagoda.remote.http.WireRequest.Origin;
import io.pagoda.remote.http.WireResponse;
import io.pagoda.remote.objects.Try;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;

/**
 * The HTTP beneath AWS's client, over the connections that bytes of blocks go by too. Bodies are
 * small: listings and the like.
 *
 * <p><b>Threads.</b> As {@link Wire}: the client's handlers are called by an exchange's thread.
 */
final class OwnHttp implements SdkAsyncHttpClient {
  private final Wire wire;

  OwnHttp(Wire wire) {
    this.wire = wire;
  }

  @Override
  public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
    @Nullable Try one = request.httpExecutionAttributes().getAttribute(TryAttribute.TRY);
    if (one == null) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("A request is no part of a try: " + request.request()));
    }
    SdkAsyncHttpResponseHandler handler = request.responseHandler();
    return body(request).thenCompose(body -> wire.send(() -> wired(request.request(), body), one))
        .handle((response, failure) -> {
          if (failure != null) {
            handler.onError(failure);
            throw failure instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException(failure);
          }
          handler.onHeaders(head(response));
          handler.onStream(new SmallBody(response.body()));
          return null;
        });
  }

  private static CompletableFuture<byte[]> body(AsyncExecuteRequest request) {
    SdkHttpMethod method = request.request().method();
    boolean has = method == SdkHttpMethod.POST || method == SdkHttpMethod.PUT;
    return has
        ? SmallBody.collect(request.requestContentPublisher())
        : CompletableFuture.completedFuture(new byte[0]);
  }

  private static WireRequest wired(SdkHttpRequest request, byte[] body) {
    Optional<String> query = request.encodedQueryParameters();
    String target = request.encodedPath() + query.map(each -> "?" + each).orElse("");
    var origin = new Origin(request.host(), request.port(), request.protocol().equals("https"));
    return new WireRequest(
        origin, request.method().name(), target.startsWith("/") ? target : "/" + target,
        headers(request, body), null, body, null);
  }

  private static List<String> headers(SdkHttpRequest request, byte[] body) {
    List<String> headers = new ArrayList<>(32);
    request.forEachHeader((name, values) -> {
      for (String value : values) {
        headers.add(name);
        headers.add(value);
      }
    });
    boolean sized = request.firstMatchingHeader("Content-Length").isPresent();
    if (!sized && (body.length > 0 || request.method() == SdkHttpMethod.POST)) {
      headers.add("Content-Length");
      headers.add(Integer.toString(body.length));
    }
    return headers;
  }

  private static SdkHttpResponse head(WireResponse response) {
    var head =
        SdkHttpResponse.builder().statusCode(response.status()).statusText(response.reason());
    List<String> headers = response.headers();
    for (int i = 0; i < headers.size(); i += 2) {
      head.appendHeader(headers.get(i), headers.get(i + 1));
    }
    return head.build();
  }

  @Override
  public String clientName() {
    return "Pagoda";
  }

  @Override
  public void close() {
    wire.close();
  }

  /** {@return what lies beneath a failure of the client, if that is the network} */
  static Optional<IOException> network(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof IOException io) {
        return Optional.of(io);
      }
    }
    return Optional.empty();
  }
}
