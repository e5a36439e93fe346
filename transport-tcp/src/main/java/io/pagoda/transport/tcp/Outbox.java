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

  private final Wire wire;
  private final Vectors vectors;
  private final MemorySegment buffer;
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

  Outbox(Wire wire, Arena arena) {
    this.wire = wire;
    vectors = wire.vectors();
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
    while (!vectors.full()) {
      if (current == null && !begin()) {
        break;
      }
      payload();
    }
    return !vectors.isEmpty();
  }

  private boolean begin() {
    if (encoded + LONGEST > BUFFER_BYTES || queue.isEmpty()) {
      return false;
    }
    Outgoing frame = queue.removeFirst();
    current = frame; // whatever becomes of it, it is told that it is over
    int length = frame.encode(buffer.asSlice(encoded, LONGEST));
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
    vectors.close();
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
