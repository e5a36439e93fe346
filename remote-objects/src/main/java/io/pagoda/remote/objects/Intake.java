package io.pagoda.remote.objects;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a stretch of an object goes, over as many tries as it takes: it knows how far they got.
 *
 * <p><b>Threads.</b> Any; bytes are moved by the try that has {@linkplain #begin begun} alone.
 */
final class Intake {
  /** The length of an object that nobody knows yet. */
  static final long UNKNOWN = -1;

  private final long first;
  private final long room;
  private final ByteBuffer[] parts;
  private final long expected;

  private long position;
  private long length;
  private int part;
  private @Nullable String tag;
  private @Nullable Download owner;
  private @Nullable ObjectFailure misfit;
  private boolean stale;

  /**
   * Describes a stretch.
   *
   * @param first its first byte within the object
   * @param into native memory, one part after the other
   * @param expected how long the object must be, or {@link #UNKNOWN}: it may then also end earlier
   *     than the memory does
   */
  Intake(long first, List<MemorySegment> into, long expected) {
    this.first = first;
    this.parts = into.stream().map(MemorySegment::asByteBuffer).toArray(ByteBuffer[]::new);
    this.room = into.stream().mapToLong(MemorySegment::byteSize).sum();
    this.expected = expected;
    this.length = room;
  }

  /** {@return the next try} */
  synchronized Download next() {
    owner = null;
    return new Download(this, first + position);
  }

  /** {@return a try beside the one that runs; whoever begins first has the memory} */
  synchronized Download beside() {
    return new Download(this, first + position);
  }

  /** Forgets what came: the object has changed, or is not what it should be. */
  synchronized void restart() {
    position = 0;
    part = 0;
    tag = null;
    misfit = null;
    stale = false;
    length = room;
    for (ByteBuffer each : parts) {
      each.clear();
    }
  }

  /** {@return how many bytes have come} */
  synchronized long position() {
    return position;
  }

  /** {@return how many bytes there are to come in all, as far as is known} */
  synchronized long length() {
    return length;
  }

  synchronized boolean complete() {
    return position == length;
  }

  /** {@return why the object cannot be the one, if it cannot} */
  synchronized Optional<ObjectFailure> misfit() {
    return Optional.ofNullable(misfit);
  }

  synchronized Optional<String> tag() {
    return Optional.ofNullable(tag);
  }

  /** {@return the end of the stretch, exclusive} */
  long end() {
    return first + room;
  }

  /** {@return whether the stretch is the whole of an object of the length that is expected} */
  boolean whole() {
    return first == 0 && expected == room;
  }

  /** Notes that what came is of no use: the object is another by now. */
  synchronized void changed() {
    stale = true;
  }

  /** {@return whether what came is of no use} */
  synchronized boolean isStale() {
    return stale;
  }

  synchronized boolean begin(Download one, long at, long total, String itsTag) {
    if (one.stopped() || (owner != null && owner != one)) {
      return false;
    }
    misfit = misfit(at, total, itsTag);
    if (misfit != null) {
      return false;
    }
    owner = one;
    tag = itsTag;
    length = Math.min(room, total - first);
    return true;
  }

  private @Nullable ObjectFailure misfit(long at, long total, String itsTag) {
    if (at != first + position) {
      return new ObjectFailure(
          ObjectFailure.Kind.REFUSED,
          "Bytes from %d on were asked for, and the server sends those from %d"
              .formatted(first + position, at),
          null);
    }
    if (tag != null && !tag.equals(itsTag)) {
      stale = true;
      return new ObjectFailure(
          ObjectFailure.Kind.TRANSIENT, "The object has changed since a try began", null);
    }
    if (expected != UNKNOWN && expected != total) {
      return new ObjectFailure(
          ObjectFailure.Kind.MISFIT,
          "The object has %d bytes; the one looked for has %d".formatted(total, expected), null);
    }
    return total <= first
        ? new ObjectFailure(
            ObjectFailure.Kind.MISSING,
            "The object ends at %d, before byte %d".formatted(total, first), null)
        : null;
  }

  /** {@return room for the next bytes, all in one part; the caller has the memory} */
  synchronized ByteBuffer room() {
    while (part < parts.length - 1 && !parts[part].hasRemaining()) {
      part++;
    }
    ByteBuffer next = parts[part];
    long left = length - position;
    if (next.remaining() > left) {
      next.limit(next.position() + (int) left);
    }
    return next;
  }

  /** Notes that so many bytes were put into the room. */
  synchronized void came(int bytes) {
    position += bytes;
  }
}
