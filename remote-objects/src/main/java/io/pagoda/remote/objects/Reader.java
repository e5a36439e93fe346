package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reading a stretch of an object into memory.
 *
 * <p><b>Threads.</b> Any.
 */
final class Reader implements Order<Void> {
  /** What a server answers who asks for more of an object that is another by now. */
  private static final Set<Kind> CHANGED = Set.of(Kind.PRECONDITION, Kind.MISFIT, Kind.REFUSED);

  private final Bucket bucket;
  private final String name;
  private final Intake intake;
  private final Tally tally;

  /**
   * Describes what to read.
   *
   * @param first the first byte within the object
   * @param expected how long the object must be, or {@link Intake#UNKNOWN}
   */
  Reader(
      Bucket bucket, Tally tally, String name, long first, List<MemorySegment> into,
      long expected) {
    this.bucket = bucket;
    this.tally = tally;
    this.name = name;
    this.intake = new Intake(first, into, expected);
  }

  /** {@return how many bytes came, once it is done} */
  long bytes() {
    return intake.position();
  }

  /** {@return the tag of the object, once something of it has come} */
  String tag() {
    return intake.tag().orElse("");
  }

  @Override
  public String toString() {
    return "GET " + name;
  }

  @Override
  public boolean urgent() {
    return true;
  }

  @Override
  public Try next() {
    return intake.next();
  }

  @Override
  public @Nullable Try beside() {
    return intake.beside();
  }

  @Override
  public CompletionStage<Void> send(Try one) {
    var download = (Download) one;
    return bucket.get(name, download).handle((_, error) -> {
      tally.read.add(Math.max(0, intake.position() - download.from()));
      if (error != null) {
        throw changed(download, error) ? gone(error) : new CompletionException(error);
      }
      if (!intake.complete()) {
        throw new ObjectFailure(
            Kind.TRANSIENT,
            "%s ended after %d of %d bytes".formatted(this, intake.position(), intake.length()),
            null);
      }
      return null;
    });
  }

  private static boolean changed(Download download, Throwable error) {
    Throwable cause = ObjectFailure.beneath(error);
    return download.tag().isPresent()
        && cause instanceof ObjectFailure known
        && CHANGED.contains(known.kind());
  }

  private ObjectFailure gone(Throwable cause) {
    intake.changed();
    return new ObjectFailure(Kind.TRANSIENT, this + ": the object has changed meanwhile", cause);
  }

  @Override
  public long progress() {
    return intake.position();
  }

  @Override
  public @Nullable ObjectFailure misfit() {
    return intake.misfit().orElse(null);
  }

  @Override
  public void failed(ObjectFailure failure) {
    if (intake.isStale()) {
      intake.restart();
    }
  }
}
