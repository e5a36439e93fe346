package io.pagoda.tier.cpu;

import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.AssertingTier;
import io.pagoda.tck.StorageTierContract;
import org.junit.jupiter.api.Nested;

/** The contract, with blocks of a size for each way to copy, and memory of each kind. */
class CpuTierContractTest {
  private static CpuTier tier(int slots, long blockBytes, HugePages pages, boolean preTouch) {
    return CpuTier.open(new CpuSettings(slots, blockBytes, pages, preTouch), "host");
  }

  /** Blocks of an odd size, in pages that come when they are written to. */
  @Nested
  class OddBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return tier(9, 1_003, HugePages.OFF, false);
    }
  }

  /** Blocks that C copies. */
  @Nested
  class MiddlingBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return tier(40, 64 << 10, HugePages.AUTO, true);
    }
  }

  /** Blocks that the JVM streams, under a caller that is checked. */
  @Nested
  class LargeBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new AssertingTier(tier(8, (3 << 20) + 512, HugePages.TRANSPARENT, true));
    }
  }
}
