package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.eviction.classic.Kind.Block;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/** A policy beside a map of its blocks, of which the coldest is looked for one by one. */
final class OrderModel {
  final EvictionPolicy policy;
  final Map<Integer, Block> blocks = new HashMap<>();
  private final Kind kind;
  private long now;

  OrderModel(Kind kind, int slots) {
    this.kind = kind;
    this.policy = kind.create(slots);
  }

  void admit(int slot) {
    admit(slot, slot % 7);
  }

  void admit(int slot, int depth) {
    now++;
    blocks.put(slot, new Block(0, now, now));
    policy.admitted(slot, 31L * slot, depth);
  }

  void use(int slot) {
    now++;
    blocks.computeIfPresent(slot, (_, block) -> block.usedAgainAt(now));
    policy.touched(slot);
  }

  void useIfThere(int slot) {
    if (blocks.containsKey(slot)) {
      use(slot);
    }
  }

  void remove(int slot) {
    blocks.remove(slot);
    policy.removed(slot);
  }

  int expected(IntPredicate mayGo) {
    return blocks.entrySet()
        .stream()
        .filter(entry -> mayGo.test(entry.getKey()))
        .min(Comparator.comparing(Map.Entry::getValue, kind.order()))
        .map(Map.Entry::getKey)
        .orElse(EvictionPolicy.NONE);
  }

  /** Asks both for the coldest slot, which is to be the same. */
  int coldest(IntPredicate mayGo) {
    int slot = policy.coldest(mayGo::test);
    assertEquals(expected(mayGo), slot, () -> kind + " of " + blocks);
    return slot;
  }

  /** Removes the coldest slot, if any may go. */
  int evict(IntPredicate mayGo) {
    int slot = coldest(mayGo);
    if (slot != EvictionPolicy.NONE) {
      remove(slot);
    }
    return slot;
  }
}
