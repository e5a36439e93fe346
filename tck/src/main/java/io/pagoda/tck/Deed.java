package io.pagoda.tck;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;

/**
 * One misdeed, with all chance in it already decided.
 *
 * @param misdeed what is done
 * @param seed to which blocks and bytes
 */
record Deed(Misdeed misdeed, long seed) {
  /** Does it to the bytes of a batch, and returns what is told about it. */
  BatchResult to(BlockBatch batch) {
    var chance = new Random(seed);
    return switch (misdeed) {
      case NONE, LOSE -> BatchResult.COMPLETE;
      case FAIL -> failed(batch);
      case MISS -> missed(batch, chance);
      case CORRUPT -> corrupted(batch, chance);
      case SWAP -> swapped(batch);
    };
  }

  private static PagodaException planned(String what, BlockBatch batch) {
    return new PagodaException(Fault.TRANSIENT, what + " " + batch + ", as planned");
  }

  private BatchResult failed(BlockBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      noise(batch, i);
    }
    return new BatchResult.Failed(planned("Failed", batch));
  }

  private BatchResult missed(BlockBatch batch, Random chance) {
    var missed = new BitSet();
    missed.set(chance.nextInt(batch.size()));
    for (int i = 0; i < batch.size(); i++) {
      if (chance.nextInt(3) == 0) {
        missed.set(i);
      }
    }
    missed.stream().forEach(i -> noise(batch, i));
    return new BatchResult.Partial(missed, planned("Missed some of", batch));
  }

  private void noise(BlockBatch batch, int index) {
    Pattern.write(batch.memory(index), seed + index);
  }

  private static BatchResult corrupted(BlockBatch batch, Random chance) {
    MemorySegment block = batch.memory(chance.nextInt(batch.size()));
    long at = chance.nextLong(block.byteSize());
    byte flipped = (byte) (1 << chance.nextInt(8));
    byte was = block.get(ValueLayout.JAVA_BYTE, at);
    block.set(ValueLayout.JAVA_BYTE, at, (byte) (was ^ flipped));
    return BatchResult.COMPLETE;
  }

  private BatchResult swapped(BlockBatch batch) {
    int last = batch.size() - 1;
    if (last == 0) {
      noise(batch, 0);
      return BatchResult.COMPLETE;
    }
    byte[] carried = batch.memory(last).toArray(ValueLayout.JAVA_BYTE);
    for (int i = last; i > 0; i--) {
      batch.memory(i).copyFrom(batch.memory(i - 1));
    }
    batch.memory(0).copyFrom(MemorySegment.ofArray(carried));
    return BatchResult.COMPLETE;
  }
}
