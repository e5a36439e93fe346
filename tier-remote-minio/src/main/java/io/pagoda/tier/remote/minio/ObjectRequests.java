package io.pagoda.tier.remote.minio;

import io.pagoda.remote.http.Wire;
import io.pagoda.remote.http.WireRequest;
import io.pagoda.remote.http.WireResponse;
import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.objects.Upload;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Requests whose bodies are bytes of blocks, and those for the length of an object, of which there
 * are many at once.
 *
 * <p><b>Threads.</b> Any.
 */
final class ObjectRequests implements AutoCloseable {
  private static final byte[] NO_BODY = {};

  private final Wire wire;
  private final Signer signer;
  private final Address address;

  ObjectRequests(Wire wire, Signer signer, Address address) {
    this.wire = wire;
    this.signer = signer;
    this.address = address;
  }

  CompletionStage<WireResponse> get(String name, Download into) {
    List<String> headers = headers("GET", name, "");
    into.range().ifPresent(range -> add(headers, "Range", range));
    into.tag().filter(tag -> !tag.isEmpty()).ifPresent(tag -> add(headers, "If-Match", tag));
    return send("GET", target(name, ""), headers, null, into, into);
  }

  CompletionStage<WireResponse> put(String name, String query, Upload from) {
    List<String> headers = headers("PUT", name, query);
    add(headers, "Content-Length", Long.toString(from.length()));
    if (from.ifAbsent()) {
      add(headers, "If-None-Match", "*");
    }
    return send("PUT", target(name, query), headers, from, null, from);
  }

  CompletionStage<WireResponse> head(String name, Try one) {
    return send("HEAD", target(name, ""), headers("HEAD", name, ""), null, null, one);
  }

  private List<String> headers(String method, String name, String query) {
    return signer.sign(method, address.host(), address.path(name), query, Instant.now());
  }

  private static void add(List<String> headers, String name, String value) {
    headers.add(name);
    headers.add(value);
  }

  private String target(String name, String query) {
    return query.isEmpty() ? address.path(name) : address.path(name) + "?" + query;
  }

  private CompletionStage<WireResponse> send(
      String method, String target, List<String> headers, @Nullable Upload from,
      @Nullable Download into, Try one) {
    var request = new WireRequest(address.origin(), method, target, headers, from, NO_BODY, into);
    return wire.send(request, one)
        .exceptionallyCompose(
            failure -> CompletableFuture.failedStage(Failures.of(method + " " + target, failure)));
  }

  @Override
  public void close() {
    wire.close();
  }
}
