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

  @Nested
  class Lru2 implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Lru2Policy(slots, 5 * slots);
    }
  }

  @Nested
  class ForgetfulLru2 implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Lru2Policy(slots, 1);
    }
  }

  @Nested
  class Arc implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new ArcPolicy(slots);
    }
  }

  @Nested
  class S3Fifo implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new S3FifoPolicy(slots, .1);
    }
  }

  @Nested
  class Sieve implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new SievePolicy(slots);
    }
  }

  @Nested
  class LfuDa implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgingPolicy.lfuDa(slots);
    }
  }

  @Nested
  class Gdsf implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgingPolicy.gdsf(slots, .01);
    }
  }

  @Nested
  class DearGdsf implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return AgingPolicy.gdsf(slots, 1e9);
    }
  }

  @Nested
  class LengthAware implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new LengthAwarePolicy(slots);
    }
  }

  @Nested
  class TinyLfu implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new TinyLfuPolicy(slots, .01);
    }
  }

  @Nested
  class WideTinyLfu implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new TinyLfuPolicy(slots, .5);
    }
  }

  @Nested
  class Adaptive implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new AdaptivePolicy(slots, 4 * slots);
    }
  }

  @Nested
  class ForgetfulAdaptive implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new AdaptivePolicy(slots, 1);
    }
  }
}
