package io.pagoda.spi.tier;

import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The ability of a tier whose blocks are found by key, and which other machines share: what one has
 * stored, another finds. Such a tier goes by the {@linkplain BlockBatch#key keys} of a batch; a
 * slot is how the engine counts the blocks that it knows of there, and nothing more. Stores carry
 * {@linkplain BlockBatch#seals seals}. That a block is there already, stored by whomever, makes its
 * store complete: its bytes are those of the first who stored it.
 *
 * <p><b>Threads.</b> {@link #join} is called once, before all else, and may wait. All else is
 * called from any thread, many at once, and does not block.
 *
 * <p><b>Memory.</b> Arrays are given away: they do not change afterwards.
 *
 * <p><b>Failures.</b> Each callback is called exactly once. A look-up that fails finds nothing. A
 * block that is not there any more, or is not the one that its key names, is missed with {@link
 * io.pagoda.Fault#PERMANENT}: the engine then forgets that it was there. What may come back is
 * {@link io.pagoda.Fault#TRANSIENT}.
 */
public interface Keyed {
  /**
   * Makes the tier ready. Only blocks that were sealed under the same shape are found.
   *
   * @param shape what stores are sealed with
   * @param consent who is asked before blocks are deleted
   * @throws io.pagoda.PagodaException if it cannot work: what is wrong, and what would help
   */
  void join(SealShape shape, Consent consent);

  /**
   * Looks up how many blocks of a prefix are there, one after the other from the first. Blocks in
   * the middle may be assumed to be there because later ones are.
   *
   * @param keys for each block the upper and then the lower 64 bits of its key
   * @param depth how many blocks of the prefix come before the first of these
   * @param found told how many, 0 if the first is not there or nobody knows
   */
  void find(long[] keys, int depth, IntConsumer found);

  /**
   * Tells how many consecutive blocks of a prefix the tier keeps together, if they come in one
   * batch: <i>n</i> of them at the depths <i>kn</i> to <i>kn</i> + <i>n</i> - 1. The engine then
   * does not part them when it makes batches. It asks once, when the store is opened.
   *
   * @return how many, at least 1
   */
  default int group() {
    return 1;
  }

  /**
   * As {@link StorageTier#load}, and tells the seals of the blocks that it moved.
   *
   * @param batch whole blocks, what and where to
   * @param sealing told of each block that is moved, before the completion is; from any thread, one
   *     call at a time
   * @param completion told how it ended
   */
  void load(BlockBatch batch, Sealing sealing, Completion completion);

  /**
   * Learns that a block's bytes are not those that were sealed. It is not to be found again, and
   * may be stored anew.
   */
  void reject(long keyHigh, long keyLow);

  /**
   * Gives up every block. Nothing is in flight.
   *
   * @return completes when none can be found any more; exceptionally if that cannot be promised, as
   *     where others own what is there
   */
  CompletionStage<Void> forgetAll();

  /** Is told of what blocks were sealed with. */
  @FunctionalInterface
  interface Sealing {
    /**
     * Takes the seals of a block.
     *
     * @param index its position in the batch
     * @param checksums its checksums start here ...
     * @param from ... at this position
     */
    void sealed(int index, int[] checksums, int from);
  }

  /** Is asked before a tier deletes blocks to keep within its capacity. */
  @FunctionalInterface
  interface Consent {
    /**
     * Asks whether blocks may go, all of them or none, such as those of one object. If none is
     * refused, they are not asked for any more once it is answered; otherwise nothing has changed.
     *
     * @param keys for each block the upper and then the lower 64 bits of its key; of a prefix the
     *     last block first
     * @param refused told which of them are in use; with one of them all have to stay
     */
    void ask(long[] keys, Consumer<BitSet> refused);

    /**
     * Learns that blocks are not there any more, without having been asked, as those of a machine
     * that is gone. They are forgotten at once, and found again by a later look-up if they come
     * back. What was found by a look-up before, and has not been told yet, is told first. A host
     * that keeps no books may leave it as it is.
     *
     * @param keys for each block the upper and then the lower 64 bits of its key
     */
    default void lost(long[] keys) {}
  }
}
