package io.pagoda.core.space;

import io.pagoda.Ending.Cause;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers of blocks that are gone why they went, and whether they had been used more than once. A
 * table of fixed size, where what is remembered of one block may make another forgotten.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Obituaries {
  private static final int SMALLEST = 1 << 8;
  private static final int LARGEST = 1 << 18;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;
  private static final List<Cause> CAUSES = List.of(Cause.values());

  private final long[] identities;

  /** The cause's number plus one, and the tier's number above 4 bits of it; 0 if nothing. */
  private final byte[] texts;

  private final int shift;

  /**
   * A remembered end.
   *
   * @param cause why the block went
   * @param tier where from
   */
  record Obituary(Cause cause, int tier) {}

  /**
   * Creates an empty table.
   *
   * @param blocks how many blocks there may be at once
   */
  Obituaries(int blocks) {
    int size = Integer.highestOneBit(Math.clamp(2L * blocks - 1, SMALLEST, LARGEST));
    identities = new long[size];
    texts = new byte[size];
    shift = Long.numberOfLeadingZeros(size - 1L);
  }

  void add(long identity, Cause cause, int tier) {
    int at = cell(identity);
    identities[at] = identity;
    texts[at] = (byte) ((tier << 4) | (CAUSES.indexOf(cause) + 1));
  }

  /** {@return what became of a block, or null if that is not remembered} */
  @Nullable
  Obituary of(long identity) {
    int at = cell(identity);
    if (texts[at] == 0 || identities[at] != identity) {
      return null;
    }
    return new Obituary(CAUSES.get((texts[at] & 0xF) - 1), texts[at] >> 4);
  }

  void clear() {
    Arrays.fill(texts, (byte) 0);
  }

  /** {@return bytes of the arrays} */
  long bytes() {
    return 9L * identities.length;
  }

  private int cell(long identity) {
    return (int) ((identity * SPREAD) >>> shift);
  }
}
