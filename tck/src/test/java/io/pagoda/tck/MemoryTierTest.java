package io.pagoda.tck;

import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import org.junit.jupiter.api.Nested;

/** The reference keeps the contract, whatever its shape. */
class MemoryTierTest {
  /** Small blocks of an odd size. */
  @Nested
  class OddBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new MemoryTier(8, 1_003);
    }
  }

  /** One batch at a time, aligned memory, more slots than a trial uses. */
  @Nested
  class AlignedBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new MemoryTier(new TierSpec(Medium.HOST, 100, 8_192, 4_096, 1));
    }
  }

  /** Blocks of one byte. */
  @Nested
  class OneByteBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new MemoryTier(8, 1);
    }
  }
}
