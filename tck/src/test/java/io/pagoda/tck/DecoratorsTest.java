package io.pagoda.tck;

import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.Random;
import org.junit.jupiter.api.Nested;

/** Doubles that change nothing keep the contract of what they decorate. */
class DecoratorsTest {
  private static MemoryTier memory() {
    return new MemoryTier(new TierSpec(Medium.DISK, 9, 2_048, 512, 8));
  }

  /** Checks its caller, and finds nothing to say about the contract. */
  @Nested
  class Asserting implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new AssertingTier(memory());
    }
  }

  /** Does no harm. */
  @Nested
  class Faultless implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new FaultyTier(memory(), FaultPlan.none(), new Random(1));
    }
  }
}
