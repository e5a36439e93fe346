package io.pagoda.core.run;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * CRC32C of blocks in host memory: what leaves it is sealed, what comes back is compared. The
 * checksum is the index's, under the block's key, so bytes of another block, or of an earlier one
 * in the same slot, are as wrong as a flipped bit.
 */
public class Checksums {
  private static final long STEP = 1L << 30;

  /** Creates the real thing. */
  public Checksums() {}

  /** {@return the checksum of the block at {@code index} of a batch} */
  public int of(BlockBatch batch, int index) {
    var crc = new CRC32C();
    MemorySegment block = batch.memory(index);
    for (long at = 0; at < block.byteSize(); at += STEP) {
      crc.update(block.asSlice(at, Math.min(STEP, block.byteSize() - at)).asByteBuffer());
    }
    return (int) crc.getValue();
  }

  /** {@return whether the block at {@code index} of a batch is the one that was sealed} */
  public boolean verify(BlockBatch batch, int index, int sealed) {
    return of(batch, index) == sealed;
  }
}
