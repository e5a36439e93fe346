package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.BitSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far the blocks of a batch have come that are on one device: a cursor over what has not been
 * started, a count of what has not ended, and the blocks that were missed. Blocks are told apart by
 * their positions in the batch.
 *
 * <p><b>Threads.</b> Confined to the port's thread, and when it is {@link #done} to whomever that
 * hands it to.
 */
final class Transfer {
  private final BlockBatch batch;
  private final int device;
  private final int[] positions;
  private final boolean store;
  private final Completion completion;
  private final BitSet missed = new BitSet();
  private int next;
  private long moved;
  private int open;
  private int firstMissed = Integer.MAX_VALUE;
  private @Nullable PagodaException cause;

  /** Creates the transfer of a whole batch, on the only device. */
  Transfer(BlockBatch batch, boolean store, Completion completion) {
    this(batch, 0, IntStream.range(0, batch.size()).toArray(), store, completion);
  }

  /** Creates the transfer of some blocks of a batch, which are on {@code device}. */
  Transfer(BlockBatch batch, int device, int[] positions, boolean store, Completion completion) {
    this.batch = batch;
    this.device = device;
    this.positions = positions;
    this.store = store;
    this.completion = completion;
  }

  BlockBatch batch() {
    return batch;
  }

  int device() {
    return device;
  }

  /** {@return how many blocks there are} */
  int size() {
    return positions.length;
  }

  /** {@return the batch position of the block with {@code index}} */
  int position(int index) {
    return positions[index];
  }

  boolean store() {
    return store;
  }

  /** {@return the batch position of the block under the cursor} */
  int block() {
    return positions[next];
  }

  /** {@return how much of that block's range has been started, in bytes} */
  long moved() {
    return moved;
  }

  /** {@return whether something is left to start; what is left of a missed block is not} */
  boolean hasMore() {
    while (next < positions.length && missed.get(positions[next])) {
      nextBlock();
    }
    return next < positions.length;
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

  /** Notes that an operation of the block at a batch position has failed. */
  void failed(int position, Supplier<PagodaException> why) {
    open--;
    missed(position, why);
  }

  /** Notes that the block at a batch position was not moved, after all or at all. */
  void missed(int position, Supplier<PagodaException> why) {
    missed.set(position);
    if (position < firstMissed) {
      firstMissed = position;
      cause = why.get();
    }
  }

  /** Notes that no block was moved. */
  void missedAll(PagodaException why) {
    for (int position : positions) {
      missed(position, () -> why);
    }
  }

  /** {@return whether the block at a batch position has been missed} */
  boolean missed(int position) {
    return missed.get(position);
  }

  /** {@return whether every block has been missed} */
  boolean missedAll() {
    return missed.cardinality() == positions.length;
  }

  /** {@return why blocks were missed, or null if none was} */
  @Nullable
  PagodaException cause() {
    return cause;
  }

  /** Says otherwise why blocks were missed. */
  void because(PagodaException why) {
    cause = why;
  }

  /** {@return whether every operation has been started and has ended} */
  boolean done() {
    return open == 0 && !hasMore();
  }

  /** Tells the caller how it ended. */
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

  private void nextBlock() {
    next++;
    moved = 0;
  }
}
