package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.tck.EvictionPolicyContract;
import org.junit.jupiter.api.Nested;

/** The contract of every policy. */
class EvictionContractTest {
  @Nested
  class Fifo implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgePolicy.fifo(slots);
    }
  }

  @Nested
  class Filo implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgePolicy.filo(slots);
    }
  }

  @Nested
  class Mru implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgePolicy.mru(slots);
    }
  }

  @Nested
  class Lfu implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new LfuPolicy(slots);
    }
  }

  /** Fewer groups than there are numbers of uses. */
  @Nested
  class CoarseLfu implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new LfuPolicy(slots, 3, 0);
    }
  }

  @Nested
  class Slru implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new SlruPolicy(slots, 2);
    }
  }
}
