package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Bytes of TLS between a wire and its engine, in one direction. */
final class Ciphertext {
  private static final int RECORDS = 16;
  /** What a record starts with: one of four types. */
  private static final byte LEAST_TYPE = 20;

  private static final byte MOST_TYPE = 23;

  private final Wire wire;
  private final CountedMemory counted;
  private final Vectors vectors;
  private final int record;
  private MemorySegment memory;
  private ByteBuffer buffer;
  /** Where what is to be sent begins, while {@link #room} is filled: engines set marks. */
  private int unsent;

  private boolean grows;
  private boolean waits;
  private boolean first = true;

  /**
   * Creates it with room for what a handshake needs.
   *
   * @param record as long as a record may be
   */
  Ciphertext(Wire wire, CountedMemory counted, int record) {
    this.wire = wire;
    this.counted = counted;
    this.record = record;
    vectors = wire.vectors(counted.arena(), 1);
    memory = counted.allocate(2L * record);
    buffer = memory.asByteBuffer().limit(0);
  }

  /** Has room for many records when it is empty next. */
  void grow() {
    grows = true;
    counted.expect((long) RECORDS * record);
  }

  /** {@return what has come and was not decrypted} */
  ByteBuffer bytes() {
    return buffer;
  }

  /**
   * Reads more behind what there is.
   *
   * @return how much; 0 if there is none now; −1 if there will be no more
   */
  long fill() throws IOException {
    if (!waits) {
      vectors.clear();
      buffer.compact().flip();
      growNow();
      vectors.add(memory, buffer.limit(), memory.byteSize() - buffer.limit());
    }
    long count = wire.read(vectors);
    waits = count == 0;
    if (count > 0) {
      buffer.limit(buffer.limit() + (int) count);
    }
    return count;
  }

  private void growNow() {
    if (grows) {
      grows = false;
      int kept = buffer.limit();
      MemorySegment more = counted.arena().allocate((long) RECORDS * record);
      MemorySegment.copy(memory, 0, more, 0, kept);
      memory = more;
      buffer = more.asByteBuffer().limit(kept);
    }
  }

  /** {@return whether what comes first is no TLS, which one byte tells} */
  boolean plain() {
    if (!first || !buffer.hasRemaining()) {
      return false;
    }
    first = false;
    byte type = buffer.get(buffer.position());
    return type < LEAST_TYPE || type > MOST_TYPE;
  }

  /** {@return whether one more record fits behind those to send} */
  boolean hasRoom() {
    return memory.byteSize() - buffer.limit() >= record;
  }

  /** {@return room for one more record; {@link #filled} follows} */
  ByteBuffer room() {
    if (!buffer.hasRemaining()) {
      buffer.position(0).limit(0);
      growNow();
    }
    unsent = buffer.position();
    int from = buffer.limit();
    return buffer.limit(buffer.capacity()).position(from);
  }

  void filled() {
    int end = buffer.position();
    buffer.limit(end).position(unsent);
  }

  /** {@return whether all was sent; if not, the wire says when to go on} */
  boolean drain() throws IOException {
    while (buffer.hasRemaining()) {
      if (!waits) {
        vectors.clear();
        vectors.add(memory, buffer.position(), buffer.remaining());
      }
      long count = wire.write(vectors);
      waits = count == 0;
      if (waits) {
        return false;
      }
      buffer.position(buffer.position() + (int) count);
    }
    buffer.limit(0); // all of it has room again
    return true;
  }
}
