package io.pagoda.tier.gpu;

import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.AssertingTier;
import io.pagoda.tck.StorageTierContract;
import org.junit.jupiter.api.Nested;

/** The contract, with memory that is not pinned, and blocks of several sizes. */
@OnGpu
class GpuTierContractTest {
  private static GpuTier tier(int slots, long blockBytes) {
    var device = new CudaSettings("", 4, CopyPath.AUTO, 0);
    return GpuTier.open(new GpuSettings(slots, blockBytes, device), "gpu");
  }

  /** Blocks of an odd size. */
  @Nested
  class OddBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return tier(9, 1_003);
    }
  }

  /** Blocks of a middling size. */
  @Nested
  class MiddlingBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return tier(40, 64 << 10);
    }
  }

  /** Blocks as models have them, under a caller that is checked. */
  @Nested
  class LargeBlocks implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new AssertingTier(tier(8, (3 << 20) + 512));
    }
  }
}
