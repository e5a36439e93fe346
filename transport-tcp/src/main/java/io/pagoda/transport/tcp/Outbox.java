package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The frames that a connection has to send. Headers and bodies are written one behind the other
 * into a buffer when there is room to send them; payloads go from where they are.
 */
final class Outbox {
  private static final int LONGEST = Frame.HEADER_BYTES + Frame.MAX_BODY_BYTES;
  static final int BUFFER_BYTES = 64 << 10;
  /** Of a handshake. */
  private static final int SMALL_LONGEST = Frame.HEADER_BYTES + Frame.MAX_REASON_BYTES;

  static final int SMALL_BYTES = 2 * SMALL_LONGEST;
  private static final int SMALL_VECTORS = 4;

  private final Wire wire;
  private final Arena arena;
  private Vectors vectors;
  private MemorySegment buffer;
  private int longest = SMALL_LONGEST;
  private boolean grows;
  private final ArrayDeque<Outgoing> queue = new ArrayDeque<>();
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private int encoded;
  private @Nullable Outgoing current;
  private int nextRange;
  private long filled;
  private long written;
  private boolean flushing;

  /** Where in the stream a frame ends. */
  private record Mark(Outgoing frame, long end) {}

  /** Creates one for the frames of a handshake. */
  Outbox(Wire wire, Arena arena) {
    this.wire = wire;
    this.arena = arena;
    vectors = wire.vectors(arena, SMALL_VECTORS);
    buffer = arena.allocate(SMALL_BYTES, Long.BYTES);
  }

  /** Takes every frame from now on. */
  void grow() {
    grows = true;
  }

  private void growNow() {
    grows = false;
    longest = LONGEST;
    vectors = wire.vectors(arena, Vectors.CAPACITY);
    buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
  }

  void add(Outgoing frame) {
    queue.add(frame);
  }

  /** {@return how many frames are not sent} */
  int size() {
    return queue.size() + marks.size() + (current == null ? 0 : 1);
  }

  /** {@return bytes that the kernel has taken} */
  long written() {
    return written;
  }

  /** Sends what can be sent now. */
  void flush() throws IOException {
    if (flushing) {
      return;
    }
    flushing = true;
    try {
      while (!vectors.isEmpty() || fill()) {
        long count = wire.write(vectors);
        if (count == 0) {
          return;
        }
        vectors.consume(count);
        written += count;
        tellSent();
      }
    } finally {
      flushing = false;
    }
  }

  private void tellSent() {
    while (!marks.isEmpty() && marks.getFirst().end <= written) {
      marks.removeFirst().frame.sent();
    }
  }

  /** Puts as many frames as fit into the empty vectors. */
  private boolean fill() {
    encoded = 0;
    if (grows) {
      growNow();
    }
    while (!vectors.full()) {
      if (current == null && !begin()) {
        break;
      }
      payload();
    }
    return !vectors.isEmpty();
  }

  private boolean begin() {
    if (encoded + longest > buffer.byteSize() || queue.isEmpty()) {
      return false;
    }
    Outgoing frame = queue.removeFirst();
    current = frame; // whatever becomes of it, it is told that it is over
    int length = frame.encode(buffer.asSlice(encoded, longest));
    vectors.add(buffer, encoded, length);
    encoded += length;
    filled += length;
    nextRange = 0;
    return true;
  }

  private void payload() {
    Outgoing frame = current;
    if (frame == null) {
      return;
    }
    Ranges ranges = frame.payload();
    int count = ranges == null ? 0 : ranges.count();
    while (ranges != null && nextRange < count && !vectors.full()) {
      vectors.add(ranges.memory(nextRange), ranges.offset(nextRange), ranges.bytes(nextRange));
      filled += ranges.bytes(nextRange++);
    }
    if (nextRange == count) {
      marks.add(new Mark(frame, filled));
      current = null;
    }
  }

  /** Lets go of all frames, none of which the wire touches any more, and tells each of it. */
  void drop() {
    marks.forEach(mark -> mark.frame.sent());
    marks.clear();
    Outgoing frame = current;
    if (frame != null) {
      frame.sent();
    }
    queue.forEach(Outgoing::sent);
    queue.clear();
  }
}
