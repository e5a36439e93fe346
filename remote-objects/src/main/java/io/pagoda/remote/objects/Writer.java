package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Writing an object from memory.
 *
 * <p><b>Threads.</b> Any.
 */
final class Writer implements Order<Void> {
  private final Bucket bucket;
  private final String name;
  private final List<MemorySegment> from;
  private final boolean ifAbsent;
  private volatile boolean unanswered;

  /** Describes what to write. */
  Writer(Bucket bucket, String name, List<MemorySegment> from, boolean ifAbsent) {
    this.bucket = bucket;
    this.name = name;
    this.from = List.copyOf(from);
    this.ifAbsent = ifAbsent;
  }

  /** {@return whether a try may have written the object although nobody said so} */
  boolean unanswered() {
    return unanswered;
  }

  @Override
  public String toString() {
    return "PUT " + name;
  }

  @Override
  public boolean urgent() {
    return false;
  }

  @Override
  public Try next() {
    return new Upload(from, ifAbsent);
  }

  @Override
  public CompletionStage<Void> send(Try one) {
    return bucket.put(name, (Upload) one);
  }

  @Override
  public void failed(ObjectFailure failure) {
    unanswered |= failure.kind() == Kind.TRANSIENT;
  }
}
