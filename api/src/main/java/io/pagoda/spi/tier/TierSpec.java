package io.pagoda.spi.tier;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;

/**
 * What a tier offers, fixed from open to close.
 *
 * @param medium what its blocks are kept on
 * @param slots how many blocks it holds, at least 1
 * @param blockBytes bytes of each
 * @param alignment what addresses of host memory handed to it must be multiples of, in bytes: a
 *     power of two, 1 if it does not mind
 * @param batches how many batches keep it busy, at least 1; the engine hands it no more at once
 */
public record TierSpec(Medium medium, int slots, long blockBytes, int alignment, int batches) {
  /** Checks the values. */
  public TierSpec {
    if (slots < 1 || blockBytes < 1 || batches < 1 || Integer.bitCount(alignment) != 1) {
      throw new IllegalArgumentException(
          "slots, blockBytes and batches are at least 1 and alignment is a power of two: "
              + "slots=%d blockBytes=%d batches=%d alignment=%d"
                  .formatted(slots, blockBytes, batches, alignment));
    }
  }

  /**
   * Returns how many slots a tier's settings ask for: {@code blocks} if that is written, else what
   * fits into {@code capacity}.
   *
   * @throws SettingsException if neither is written, or that is not between 1 and 2<sup>31</sup> −
   *     1
   */
  public static int slots(Settings settings, long blockBytes) {
    boolean counted = settings.has("blocks");
    boolean sized = settings.has("capacity");
    if (!counted && !sized) {
      throw new SettingsException(
          settings.origin("capacity") + ": a tier needs a capacity, or a number of blocks");
    }
    String key = counted ? "blocks" : "capacity";
    long slots = counted ? settings.integer(key) : settings.bytes(key).bytes() / blockBytes;
    if (slots < 1 || slots > Integer.MAX_VALUE) {
      throw new SettingsException(
          "%s: a tier holds 1 to %d blocks of %d bytes; this asks for %d"
              .formatted(settings.origin(key), Integer.MAX_VALUE, blockBytes, slots));
    }
    return (int) slots;
  }
}
