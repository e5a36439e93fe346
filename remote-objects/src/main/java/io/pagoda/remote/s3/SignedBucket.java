package io.pagoda.remote.s3;

import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.objects.Upload;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** A bucket whose requests that are many or large are {@link ObjectRequests}. */
public abstract class SignedBucket implements Bucket {
  private final ObjectRequests objects;
  private final String where;

  /**
   * Describes it.
   *
   * @param where the bucket and its server, for messages
   */
  protected SignedBucket(ObjectRequests objects, String where) {
    this.objects = objects;
    this.where = where;
  }

  @Override
  public final CompletionStage<Void> check(Try one) {
    return list("", "", 1, one).thenApply(_ -> null);
  }

  @Override
  public final CompletionStage<Void> get(String name, Download into) {
    return objects.get(name, into);
  }

  @Override
  public final CompletionStage<Void> put(String name, Upload from) {
    return objects.put(name, from);
  }

  @Override
  public final CompletionStage<OptionalLong> size(String name, Try one) {
    return objects.size(name, one);
  }

  @Override
  public final CompletionStage<String> putPart(String name, String parts, int number, Upload from) {
    return objects.putPart(name, parts, number, from);
  }

  /** {@return why an object was not deleted, in Pagoda's words} */
  protected static ObjectFailure notDeleted(String name, String code, String message) {
    return new ObjectFailure(
        ObjectFailure.kindOf(500, code), "%s was not deleted: %s".formatted(name, message), null);
  }

  @Override
  public final String toString() {
    return where;
  }
}
