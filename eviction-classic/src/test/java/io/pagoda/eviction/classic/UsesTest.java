package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.eviction.EvictionPolicy;
import org.junit.jupiter.api.Test;

/** How far uses are counted. */
class UsesTest {
  private static void admitAll(EvictionPolicy policy, int slots) {
    for (int slot = 0; slot < slots; slot++) {
      policy.admitted(slot, slot, 0);
    }
  }

  private static void use(EvictionPolicy policy, int slot, int times) {
    for (int i = 0; i < times; i++) {
      policy.touched(slot);
    }
  }

  private static void assertOrder(EvictionPolicy policy, int... slots) {
    for (int expected : slots) {
      int slot = policy.coldest(_ -> true);
      assertEquals(expected, slot);
      policy.removed(slot);
    }
    assertEquals(EvictionPolicy.NONE, policy.coldest(_ -> true));
  }

  @Test
  void afterTwoBillionUsesTheOldestOfThemGoes() {
    var lfu = new LfuPolicy(4, 4, Integer.MAX_VALUE - 3);
    admitAll(lfu, 4);
    use(lfu, 0, 9);
    use(lfu, 1, 2);
    use(lfu, 2, 3);
    use(lfu, 3, 4);
    use(lfu, 0, 1);
    assertOrder(lfu, 1, 2, 3, 0);
  }

  @Test
  void aNewBlockIsColderThanOneWithTwoBillionUses() {
    var lfu = new LfuPolicy(2, 2, Integer.MAX_VALUE - 3);
    lfu.admitted(0, 0, 0);
    use(lfu, 0, 9);
    lfu.admitted(1, 1, 0);
    use(lfu, 1, 1);
    assertOrder(lfu, 1, 0);
  }

  @Test
  void lfuCountsFromNothingWhenABlockReturns() {
    var lfu = new LfuPolicy(2);
    admitAll(lfu, 2);
    use(lfu, 0, 5);
    use(lfu, 1, 2);
    lfu.removed(0);
    lfu.admitted(0, 0, 0);
    assertOrder(lfu, 0, 1);
  }

  @Test
  void lfuWithoutAGroupToSpareStillOrdersByTheGroupsItHas() {
    var lfu = new LfuPolicy(4, 2, 0);
    admitAll(lfu, 4);
    use(lfu, 1, 3);
    use(lfu, 2, 1);
    use(lfu, 3, 1);
    use(lfu, 0, 1);
    assertOrder(lfu, 2, 3, 0, 1);
  }

  @Test
  void aProtectedBlockStaysProtectedHoweverOftenItIsUsed() {
    var slru = new SlruPolicy(2, 1);
    admitAll(slru, 2);
    use(slru, 0, 1_000_000);
    use(slru, 1, 1);
    assertOrder(slru, 1, 0);
    var strict = new SlruPolicy(2, Integer.MAX_VALUE);
    admitAll(strict, 2);
    use(strict, 0, 1_000);
    use(strict, 1, 1);
    assertOrder(strict, 0, 1);
  }
}
