package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.BitSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a batch has come: a cursor over what has not been started, a count of what has not ended,
 * and the blocks that were missed.
 *
 * <p><b>Threads.</b> Confined to the port's thread, and when it is {@link #done} to whomever that
 * hands it to.
 */
final class Transfer {
  private final BlockBatch batch;
  private final boolean store;
  private final Completion completion;
  private final BitSet missed = new BitSet();
  private int block;
  private long moved;
  private int open;
  private int firstMissed = Integer.MAX_VALUE;
  private @Nullable PagodaException cause;

  Transfer(BlockBatch batch, boolean store, Completion completion) {
    this.batch = batch;
    this.store = store;
    this.completion = completion;
  }

  BlockBatch batch() {
    return batch;
  }

  boolean store() {
    return store;
  }

  /** {@return the batch position of the block under the cursor} */
  int block() {
    return block;
  }

  /** {@return how much of that block's range has been started, in bytes} */
  long moved() {
    return moved;
  }

  /** {@return whether something is left to start; what is left of a missed block is not} */
  boolean hasMore() {
    while (block < batch.size() && missed.get(block)) {
      nextBlock();
    }
    return block < batch.size();
  }

  /** Notes that the next {@code bytes} under the cursor have been started. */
  void started(long bytes) {
    open++;
    moved += bytes;
    if (moved == batch.rangeBytes()) {
      nextBlock();
    }
  }

  /** Notes that an operation has moved all its bytes. */
  void succeeded() {
    open--;
  }

  /** Notes that an operation of the block at {@code index} has failed. */
  void failed(int index, Supplier<PagodaException> why) {
    open--;
    miss(index, why);
  }

  /** Notes that the block at {@code index} was not moved after all. */
  void missed(int index, Supplier<PagodaException> why) {
    miss(index, why);
  }

  /** {@return whether the block at {@code index} has been missed} */
  boolean missed(int index) {
    return missed.get(index);
  }

  /** {@return whether every operation has been started and has ended} */
  boolean done() {
    return open == 0 && !hasMore();
  }

  /** Tells the caller how the batch ended. */
  void complete() {
    completion.complete(result());
  }

  private BatchResult result() {
    if (missed.isEmpty()) {
      return BatchResult.COMPLETE;
    }
    PagodaException why = cause;
    if (why == null) {
      why = new PagodaException(Fault.FATAL, "A block was missed for no known reason");
    }
    return missed.cardinality() == batch.size()
        ? new BatchResult.Failed(why)
        : new BatchResult.Partial(missed, why);
  }

  private void miss(int index, Supplier<PagodaException> why) {
    missed.set(index);
    if (index < firstMissed) {
      firstMissed = index;
      cause = why.get();
    }
  }

  private void nextBlock() {
    block++;
    moved = 0;
  }
}
