package io.pagoda.core.run;

import io.pagoda.core.plan.Hop;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.util.BitSet;

/**
 * A hop on its way: what is left of it now that its plan has run so far, as a batch for its tier.
 *
 * <p><b>Threads.</b> Made by the conductor, then owned by whoever carries the batch, then by the
 * conductor again.
 */
final class HopRun {
  final PlanRun run;
  final int number;
  final Hop hop;

  /** The positions within the hop of the blocks that still move. */
  final int[] moving;

  final BlockBatch batch;

  /** For each moving block its checksum, as far as it is known. */
  final int[] checksums;

  /** Which moving blocks have a known checksum. */
  final BitSet sealed;

  /** Which moving blocks arrived with other bytes than were sealed. */
  final BitSet corrupt = new BitSet();

  BatchResult result = BatchResult.COMPLETE;

  HopRun(PlanRun run, int number, int[] moving, BlockBatch batch, int[] checksums, BitSet sealed) {
    this.run = run;
    this.number = number;
    this.hop = run.plan.hops().get(number);
    this.moving = moving;
    this.batch = batch;
    this.checksums = checksums;
    this.sealed = sealed;
  }

  /** Computes the checksums that are not known. */
  void seal(Checksums sums) {
    for (int i = sealed.nextClearBit(0); i < batch.size(); i = sealed.nextClearBit(i + 1)) {
      checksums[i] = sums.of(batch, i);
    }
  }

  /** Compares what arrived with what was sealed. */
  void verify(Checksums sums) {
    for (int i = 0; i < batch.size(); i++) {
      if (result.moved(i) && !(sealed.get(i) && sums.verify(batch, i, checksums[i]))) {
        corrupt.set(i);
      }
    }
  }

  /** {@return whether the moving block at {@code index} arrived as it should} */
  boolean arrived(int index) {
    return result.moved(index) && !corrupt.get(index);
  }
}
