package io.pagoda.core.space;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.eviction.EvictionPolicy;
import org.junit.jupiter.api.Test;

class LruPolicyTest {
  private final EvictionPolicy lru = LruPolicyProvider.lru(4);

  private void admit(int... slots) {
    for (int slot : slots) {
      lru.admitted(slot, slot, 0);
    }
  }

  @Test
  void theOldestGoesFirstUnlessItIsUsed() {
    admit(2, 0, 1);
    assertEquals(2, lru.coldest(_ -> true));
    lru.touched(2);
    assertEquals(0, lru.coldest(_ -> true));
    lru.removed(0);
    assertEquals(1, lru.coldest(_ -> true));
  }

  @Test
  void whatMayNotGoCountsAsUsed() {
    admit(0, 1, 2, 3);
    assertEquals(2, lru.coldest(slot -> slot >= 2));
    lru.removed(2);
    assertEquals(3, lru.coldest(_ -> true), "0 and 1 were in use when they were asked for");
  }

  @Test
  void whenNothingMayGoNothingDoes() {
    assertEquals(EvictionPolicy.NONE, lru.coldest(_ -> true));
    admit(0, 1);
    assertEquals(EvictionPolicy.NONE, lru.coldest(_ -> false));
    assertEquals(0, lru.coldest(_ -> true), "the order is as it was");
  }
}
