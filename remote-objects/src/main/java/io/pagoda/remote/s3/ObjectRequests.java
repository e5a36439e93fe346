package io.pagoda.remote.s3;

import io.pagoda.remote.http.Wire;
import io.pagoda.remote.http.WireRequest;
import io.pagoda.remote.http.WireResponse;
import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.objects.Upload;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests whose bodies are bytes of blocks, and those for the length of an object, of which there
 * are many at once. They are as {@link Bucket} describes those of the same names.
 *
 * <p><b>Threads.</b> Any. A request is signed and made by a thread of its own.
 */
public final class ObjectRequests {
  private static final byte[] NO_BODY = {};
  private static final int OK = 200;
  private static final int PARTIAL = 206;

  private final Wire wire;
  private final Signer signer;
  private final Address address;

  /**
   * Prepares requests for the objects of a bucket.
   *
   * @param bucket its URL: the server with the bucket before its name, or in the path
   * @param region the bucket's
   * @param credentials asked before each request; may block, and throws an {@link ObjectFailure} if
   *     there are none
   * @param wire how to send them; remains the caller's
   */
  public ObjectRequests(URI bucket, String region, Supplier<AccessKey> credentials, Wire wire) {
    this.wire = wire;
    this.signer = new Signer(credentials, region);
    this.address = Address.of(bucket);
  }

  /** As {@link Bucket#get}. */
  public CompletionStage<Void> get(String name, Download into) {
    return sent("GET", name, "", into, null, into).thenApply(response -> {
      boolean fine = response.status() == OK || response.status() == PARTIAL;
      return none(fine, "GET " + name, response);
    });
  }

  /** As {@link Bucket#put}. */
  public CompletionStage<Void> put(String name, Upload from) {
    return sent("PUT", name, "", from, from, null)
        .thenApply(response -> none(response.status() == OK, "PUT " + name, response));
  }

  /** As {@link Bucket#putPart}. */
  public CompletionStage<String> putPart(String name, String parts, int number, Upload from) {
    String query = "partNumber=" + number + "&uploadId=" + Address.value(parts);
    return sent("PUT", name, query, from, from, null).thenApply(response -> {
      none(response.status() == OK, "PUT part %d of %s".formatted(number, name), response);
      return response.header("ETag").orElse("");
    });
  }

  /** As {@link Bucket#size}. */
  public CompletionStage<OptionalLong> size(String name, Try one) {
    return sent("HEAD", name, "", one, null, null).thenApply(response -> {
      if (response.status() == OK) {
        return OptionalLong.of(response.header("Content-Length").map(Long::parseLong).orElse(0L));
      }
      ObjectFailure failure = Answers.failure("HEAD " + name, response);
      if (failure.kind() == Kind.MISSING) {
        return OptionalLong.empty();
      }
      throw failure;
    });
  }

  private static Void none(boolean fine, String what, WireResponse response) {
    if (!fine) {
      throw Answers.failure(what, response);
    }
    return null;
  }

  private CompletionStage<WireResponse> sent(
      String method, String name, String query, Try one, @Nullable Upload from,
      @Nullable Download into) {
    return wire.send(() -> request(method, name, query, from, into), one)
        .exceptionallyCompose(
            failure -> CompletableFuture.failedStage(failure(method + " " + name, failure)));
  }

  private WireRequest request(
      String method, String name, String query, @Nullable Upload from, @Nullable Download into) {
    String path = address.path(name);
    List<String> headers = signer.sign(method, address.host(), path, query, Instant.now());
    if (into != null) {
      into.range().ifPresent(range -> add(headers, "Range", range));
      into.tag().filter(tag -> !tag.isEmpty()).ifPresent(tag -> add(headers, "If-Match", tag));
    }
    if (from != null) {
      add(headers, "Content-Length", Long.toString(from.length()));
      if (from.ifAbsent()) {
        add(headers, "If-None-Match", "*");
      }
    }
    String target = query.isEmpty() ? path : path + "?" + query;
    return new WireRequest(address.origin(), method, target, headers, from, NO_BODY, into);
  }

  private static void add(List<String> headers, String name, String value) {
    headers.add(name);
    headers.add(value);
  }

  private static ObjectFailure failure(String what, Throwable failure) {
    Throwable cause = ObjectFailure.beneath(failure);
    return cause instanceof ObjectFailure known
        ? known
        : new ObjectFailure(Kind.TRANSIENT, what + ": " + cause, cause);
  }
}
