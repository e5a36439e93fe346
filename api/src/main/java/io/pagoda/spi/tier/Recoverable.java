package io.pagoda.spi.tier;

import java.util.concurrent.CompletionStage;

/**
 * The ability of a tier whose blocks outlive the process. Its stores carry {@linkplain
 * BlockBatch#seals seals}, which it writes down with each block once its bytes are there; after the
 * next start it hands both back, and the engine serves the blocks again.
 *
 * <p><b>Threads.</b> {@link #recover} is called once, before the first load or store. {@link
 * #forget} and {@link #forgetAll} are called from any thread, and do not block.
 *
 * <p><b>Memory.</b> What {@link Recovery} is told is the tier's own, and valid during the call.
 *
 * <p><b>Failures.</b> A record that cannot be read or is damaged is that of no block: it is left
 * out and counted, and never guessed at. That a block is handed back says that its store was
 * complete, not that its bytes are still right: whoever loads it verifies it.
 */
public interface Recoverable {
  /**
   * What the checksums of seals are of. Blocks that were sealed under another shape cannot be
   * verified.
   *
   * @param checksums how many a block has, at least 1
   * @param layout differs if the bytes that each covers do
   */
  record SealShape(int checksums, long layout) {}

  /**
   * Hands over every block that the tier still holds, in any order, and makes the tier ready to
   * store.
   *
   * @param shape what later stores are sealed with
   * @param recovery is told of each block
   * @throws io.pagoda.PagodaException if blocks are there that were sealed under another shape, or
   *     what is there cannot be read at all; it says what to do
   */
  void recover(SealShape shape, Recovery recovery);

  /**
   * Gives up the block in a slot: it is not to be handed over again. No other operation on the slot
   * is in flight; the effect comes before that of any later store to it.
   */
  void forget(int slot);

  /**
   * Gives up every block. Nothing is in flight.
   *
   * @return completes when none can come back, even if the process ends at once; exceptionally if
   *     that cannot be promised
   */
  CompletionStage<Void> forgetAll();

  /** Is told of blocks that have outlived the process. */
  @FunctionalInterface
  interface Recovery {
    /**
     * Takes a block.
     *
     * @param slot where it is; each slot is told at most once
     * @param generation higher than that of any block stored before it: of two blocks with one key
     *     the higher is the later
     * @param keyHigh the upper 64 bits of its key
     * @param keyLow the lower 64 bits of its key
     * @param seals its seals, at index 0
     */
    void block(int slot, long generation, long keyHigh, long keyLow, Seals seals);
  }
}
