package io.pagoda.tier.remote.s3;

import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.SignedBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket through AWS's asynchronous client: it finds credentials and servers, lists, deletes, and
 * begins and ends writes in parts. The bytes of blocks and the look-ups, which are many, go beside
 * it, by requests that the plugin signs.
 *
 * <p><b>Threads.</b> Any.
 */
final class S3Bucket extends SignedBucket {
  private final Opening opening;
  private final S3AsyncClient client;
  private final OwnHttp http;
  private final String bucket;

  private S3Bucket(Opening opening, Wire wire, BucketSettings settings) {
    super(opening.objects(wire),
        "bucket %s at %s".formatted(
            settings.bucket(),
            settings.endpoint().map(Object::toString).orElse("AWS " + settings.region())));
    this.opening = opening;
    this.http = new OwnHttp(wire);
    this.client = opening.client(http);
    this.bucket = settings.bucket();
  }

  /**
   * Opens a bucket; nothing is asked of the server.
   *
   * @param executor has a thread for each task, which may block
   */
  static S3Bucket open(BucketSettings settings, Executor executor) {
    return new S3Bucket(new Opening(settings), settings.wire(executor), settings);
  }

  @Override
  public CompletionStage<Page> list(String prefix, String after, int most, Try one) {
    return asked("A listing of " + prefix, () -> client.listObjectsV2(list -> {
      list.bucket(bucket).prefix(prefix).maxKeys(most);
      if (!after.isEmpty()) {
        list.startAfter(after);
      }
      list.overrideConfiguration(TryAttribute.of(one));
    })).thenApply(
        page -> new Page(
            page.contents().stream().map(S3Bucket::listed).toList(),
            Boolean.TRUE.equals(page.isTruncated())));
  }

  private static Listed listed(S3Object object) {
    return new Listed(object.key(), object.size(), object.lastModified().toEpochMilli());
  }

  @Override
  public CompletionStage<Void> delete(List<String> names, Try one) {
    List<ObjectIdentifier> each =
        names.stream().map(name -> ObjectIdentifier.builder().key(name).build()).toList();
    return asked(
        "To delete %d objects".formatted(names.size()),
        () -> client.deleteObjects(
            delete -> delete.bucket(bucket)
                .delete(list -> list.objects(each).quiet(true))
                .overrideConfiguration(TryAttribute.of(one))))
        .thenApply(answer -> {
          if (answer.hasErrors() && !answer.errors().isEmpty()) {
            var first = answer.errors().getFirst();
            throw notDeleted(
                first.key(), String.valueOf(first.code()), String.valueOf(first.message()));
          }
          return null;
        });
  }

  @Override
  public CompletionStage<String> beginParts(String name, Try one) {
    return asked(
        "To begin parts of " + name,
        () -> client.createMultipartUpload(
            begin -> begin.bucket(bucket).key(name).overrideConfiguration(TryAttribute.of(one))))
        .thenApply(begun -> begun.uploadId());
  }

  @Override
  public CompletionStage<Void> endParts(
      String name, String parts, List<String> tags, boolean ifAbsent, Try one) {
    List<CompletedPart> completed = new ArrayList<>();
    for (String tag : tags) {
      completed.add(CompletedPart.builder().partNumber(completed.size() + 1).eTag(tag).build());
    }
    return asked("To end parts of " + name, () -> client.completeMultipartUpload(end -> {
      end.bucket(bucket).key(name).uploadId(parts).multipartUpload(all -> all.parts(completed));
      if (ifAbsent) {
        end.ifNoneMatch("*");
      }
      end.overrideConfiguration(TryAttribute.of(one));
    })).thenApply(_ -> null);
  }

  @Override
  public CompletionStage<Void> dropParts(String name, String parts, Try one) {
    return asked(
        "To drop parts of " + name,
        () -> client.abortMultipartUpload(
            drop -> drop.bucket(bucket)
                .key(name)
                .uploadId(parts)
                .overrideConfiguration(TryAttribute.of(one))))
        .thenApply(_ -> null);
  }

  private static <T> CompletionStage<T> asked(String what, Supplier<CompletionStage<T>> request) {
    return request.get().exceptionally(failure -> {
      throw Failures.of(what, failure);
    });
  }

  @Override
  public void close() {
    try (opening;
        http) {
      client.close();
    }
  }
}
