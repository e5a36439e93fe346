package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Objects;

/**
 * Token ids, where the caller keeps them: nothing is copied. An id is an unsigned number of 32
 * bits; equal ids are equal tokens, whether they are kept in 32 bits or in 64.
 *
 * <p><b>Threads.</b> As safe as the memory beneath.
 *
 * <p><b>Memory.</b> The ids belong to the caller. A method that takes tokens reads them before it
 * returns and never afterwards; until then they must stay as they are.
 *
 * <p><b>Failures.</b> That an id does not fit is found when it is read.
 */
public final class Tokens {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Ids ids;

  private Tokens(Ids ids) {
    this.ids = ids;
  }

  /** {@return the tokens with these ids} */
  public static Tokens of(int... ids) {
    return new Tokens(Ids.of(ids));
  }

  /** {@return the tokens with these ids} */
  public static Tokens of(long... ids) {
    return new Tokens(Ids.of(ids));
  }

  /** {@return the tokens whose ids are between the buffer's position and its limit} */
  public static Tokens of(IntBuffer ids) {
    return new Tokens(Ids.of(ids, ids.order(), false));
  }

  /** {@return the tokens whose ids are between the buffer's position and its limit} */
  public static Tokens of(LongBuffer ids) {
    return new Tokens(Ids.of(ids, ids.order(), true));
  }

  /** {@return the tokens whose ids are 32-bit numbers in native byte order} */
  public static Tokens ofInts(MemorySegment ids) {
    return new Tokens(new Ids(ids, false));
  }

  /** {@return the tokens whose ids are 64-bit numbers in native byte order} */
  public static Tokens ofLongs(MemorySegment ids) {
    return new Tokens(new Ids(ids, true));
  }

  /** {@return how many tokens there are} */
  public int size() {
    return ids.size();
  }

  /** {@return the tokens from {@code from} up to {@code to}, sharing this object's memory} */
  public Tokens range(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    return new Tokens(ids.range(from, to));
  }

  /**
   * Writes ids as unsigned 32-bit little-endian numbers.
   *
   * @param from the first token
   * @param count how many
   * @param into receives four bytes for each
   * @param at where the first goes in {@code into}, in bytes
   * @throws IllegalArgumentException if an id does not fit 32 bits
   */
  public void copy(int from, int count, MemorySegment into, long at) {
    if (ids.wide()) {
      narrow(from, count, into, at);
    } else {
      ids.copyInts(from, count, into, at);
    }
  }

  private void narrow(int from, int count, MemorySegment into, long at) {
    MemorySegment memory = ids.memory();
    long all = 0;
    for (int i = 0; i < count; i++) {
      long id = memory.get(LONG, 8L * from + 8L * i);
      all |= id;
      into.set(INT, at + 4L * i, (int) id);
    }
    if (all >>> Integer.SIZE != 0) {
      refuse(from, count);
    }
  }

  private void refuse(int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (ids.get(i) >>> Integer.SIZE != 0) {
        throw new IllegalArgumentException(
            "Token %d has the id %d, which is not an unsigned number of 32 bits"
                .formatted(i, ids.get(i)));
      }
    }
  }

  @Override
  public String toString() {
    return size() + " tokens";
  }
}
