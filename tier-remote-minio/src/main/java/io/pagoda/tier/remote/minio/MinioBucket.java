package io.pagoda.tier.remote.minio;

import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.DeleteObjectsArgs;
import io.minio.ListObjectsV2Args;
import io.minio.ListObjectsV2Response;
import io.minio.MinioAsyncClient;
import io.minio.errors.MinioException;
import io.minio.messages.DeleteRequest;
import io.minio.messages.Part;
import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.SignedBucket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/**
 * A bucket through the client of MinIO: it lists, deletes, and begins and ends writes in parts. The
 * bytes of blocks it would take from streams, hash twice and copy on the heap; so those go beside
 * it, straight between memory and socket, by requests with its credentials.
 *
 * <p><b>Threads.</b> Any.
 */
final class MinioBucket extends SignedBucket {
  private final MinioAsyncClient client;
  private final Wire wire;
  private final String bucket;

  private MinioBucket(Opening opening, Wire wire, String bucket) {
    super(opening.objects(wire), "bucket %s at %s".formatted(bucket, opening.endpoint()));
    this.client = opening.client();
    this.wire = wire;
    this.bucket = bucket;
  }

  /**
   * Opens a bucket; nothing is asked of the server.
   *
   * @param executor has a thread for each task, which may block
   */
  static MinioBucket open(BucketSettings settings, Executor executor) {
    return new MinioBucket(new Opening(settings), settings.wire(executor), settings.bucket());
  }

  @Override
  public CompletionStage<Page> list(String prefix, String after, int most, Try one) {
    var list = ListObjectsV2Args.builder().bucket(bucket).prefix(prefix).maxKeys(most);
    if (!after.isEmpty()) {
      list.startAfter(after);
    }
    return asked("A listing of " + prefix, one, () -> client.listObjectsV2(list.build()))
        .thenApply(MinioBucket::page);
  }

  private static Page page(ListObjectsV2Response response) {
    return new Page(
        response.result()
            .contents()
            .stream()
            .map(
                each -> new Listed(
                    each.objectName(), each.size(), each.lastModified().toInstant().toEpochMilli()))
            .toList(),
        response.result().isTruncated());
  }

  @Override
  public CompletionStage<Void> delete(List<String> names, Try one) {
    var each = names.stream().map(DeleteRequest.Object::new).toList();
    var delete = DeleteObjectsArgs.builder().bucket(bucket).objects(each).quiet(true).build();
    return asked(
        "To delete %d objects".formatted(names.size()), one, () -> client.deleteObjects(delete))
        .thenApply(response -> {
          var errors = response.result().errors();
          if (!errors.isEmpty()) {
            var first = errors.getFirst();
            throw notDeleted(
                first.objectName(), String.valueOf(first.code()), String.valueOf(first.message()));
          }
          return null;
        });
  }

  @Override
  public CompletionStage<String> beginParts(String name, Try one) {
    var begin = CreateMultipartUploadArgs.builder().bucket(bucket).object(name).build();
    return asked("To begin parts of " + name, one, () -> client.createMultipartUpload(begin))
        .thenApply(response -> response.result().uploadId());
  }

  @Override
  public CompletionStage<Void> endParts(
      String name, String parts, List<String> tags, boolean ifAbsent, Try one) {
    Part[] each = IntStream.range(0, tags.size())
        .mapToObj(i -> new Part(i + 1, tags.get(i)))
        .toArray(Part[]::new);
    var end = CompleteMultipartUploadArgs.builder()
        .bucket(bucket)
        .object(name)
        .uploadId(parts)
        .parts(each);
    if (ifAbsent) {
      end.extraHeaders(Map.of("If-None-Match", "*"));
    }
    return asked("To end parts of " + name, one, () -> client.completeMultipartUpload(end.build()))
        .thenApply(_ -> null);
  }

  @Override
  public CompletionStage<Void> dropParts(String name, String parts, Try one) {
    var drop =
        AbortMultipartUploadArgs.builder().bucket(bucket).object(name).uploadId(parts).build();
    return asked("To drop parts of " + name, one, () -> client.abortMultipartUpload(drop))
        .thenApply(_ -> null);
  }

  /** A request of the client's, which may refuse what it is given. */
  @FunctionalInterface
  private interface Request<T> {
    CompletableFuture<T> send() throws MinioException;
  }

  /** The client cannot break a request off: nobody waits for one that was given up. */
  private static <T> CompletionStage<T> asked(String what, Try one, Request<T> request) {
    var result = new CompletableFuture<T>();
    one.onStop(
        () -> result.completeExceptionally(
            new ObjectFailure(Kind.TRANSIENT, what + ": the request was given up", null)));
    try {
      var _ = request.send().whenComplete((response, failure) -> {
        one.moved();
        if (failure == null) {
          result.complete(response);
        } else {
          result.completeExceptionally(Failures.of(what, failure));
        }
      });
    } catch (MinioException | RuntimeException e) {
      result.completeExceptionally(Failures.of(what, e));
    }
    return result;
  }

  @Override
  public void close() {
    wire.close();
    client.close();
  }
}
