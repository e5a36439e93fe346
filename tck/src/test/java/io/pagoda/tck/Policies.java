package io.pagoda.tck;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/** A policy that is honest, and some that break one promise each, under test by the contract. */
final class Policies {
  private Policies() {}

  /** Names the slot that was touched longest ago, by looking at all of them. */
  static class Plain implements EvictionPolicy {
    final long[] used;
    private long clock;

    Plain(int slots) {
      used = new long[slots];
    }

    @Override
    public void admitted(int slot, long identity, int depth) {
      used[slot] = ++clock;
    }

    @Override
    public void touched(int slot) {
      used[slot] = ++clock;
    }

    @Override
    public void removed(int slot) {
      used[slot] = 0;
    }

    @Override
    public int coldest(Evictable evictable) {
      int coldest = NONE;
      for (int slot = 0; slot < used.length; slot++) {
        boolean may = used[slot] > 0 && evictable.test(slot);
        if (may && (coldest == NONE || used[slot] < used[coldest])) {
          coldest = slot;
        }
      }
      return coldest;
    }
  }

  /** Keeps the contract but for its speed: it looks at every slot. */
  static class Slow implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots);
    }
  }

  /** Names slots that are not occupied any more. */
  static class NamesRemoved implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        @Override
        public void removed(int slot) {
          used[slot] /= 2;
        }
      };
    }
  }

  /** Names slots that may not go. */
  static class NamesPinned implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        @Override
        public int coldest(Evictable evictable) {
          return super.coldest(_ -> true);
        }
      };
    }
  }

  /** Never names slot 0. */
  static class ForgetsSlotZero implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        @Override
        public int coldest(Evictable evictable) {
          return super.coldest(slot -> slot > 0 && evictable.test(slot));
        }
      };
    }
  }

  /** Looks at the coldest slot only, and gives up when that may not go. */
  static class GivesUp implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        @Override
        public int coldest(Evictable evictable) {
          int coldest = super.coldest(_ -> true);
          return coldest != NONE && evictable.test(coldest) ? coldest : NONE;
        }
      };
    }
  }

  /** Takes a slot to be gone as soon as it has named it. */
  static class ForgetsWhatItNamed implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        @Override
        public int coldest(Evictable evictable) {
          int coldest = super.coldest(evictable);
          if (coldest != NONE) {
            used[coldest] = 0;
          }
          return coldest;
        }
      };
    }
  }

  /** Allocates at every touch. */
  static class Allocates implements EvictionPolicyContract {
    @Override
    public EvictionPolicy create(int slots) {
      return new Plain(slots) {
        private long[] last = {};

        @Override
        public void touched(int slot) {
          last = new long[] {slot, last.length};
          super.touched((int) last[0]);
        }
      };
    }
  }
}
