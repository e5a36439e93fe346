package io.pagoda.core.run;

import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
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

  /** {@return the checksum of a section of the whole block at {@code index} of a batch} */
  public int of(BlockBatch batch, int index, Section section) {
    var crc = new CRC32C();
    MemorySegment memory = batch.memory();
    for (Range range : section.ranges()) {
      long at = batch.offset(index) + range.offset();
      for (long end = at + range.bytes(); at < end; at += STEP) {
        crc.update(memory.asSlice(at, Math.min(STEP, end - at)).asByteBuffer());
      }
    }
    return (int) crc.getValue();
  }

  /** {@return whether a section of the block at {@code index} of a batch is the one sealed} */
  public boolean verify(BlockBatch batch, int index, Section section, int sealed) {
    return of(batch, index, section) == sealed;
  }
}
