package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * A block's number is what its uses are worth, counted from the number of the last that went: who
 * was used often long ago is caught up with. See Arlitt, Cherkasova, Dilley, Friedrich, Jin,
 * "Evaluating content management techniques for web proxy caches" (2000): LFU-DA and GDSF are one
 * rule with two costs, since all blocks have one size.
 */
/**
 * Least frequently used with dynamic aging, each use weighed by what the block costs to compute. 60
 * bytes per slot.
 */
final class AgingPolicy implements EvictionPolicy {
  private final Ring ring;
  private final Prefixes prefixes;
  private final int unit;
  private final double costPerBlockBefore;
  private final int[] uses;
  private final int[] cost;

  /** The number of the last that went. */
  private long age;

  private int named = NONE;

  private AgingPolicy(int slots, int unit, double costPerBlockBefore) {
    this.ring = new Ring(slots);
    this.prefixes = new Prefixes(slots);
    this.unit = unit;
    this.costPerBlockBefore = costPerBlockBefore;
    this.uses = new int[slots];
    this.cost = new int[slots];
  }

  /** {@return a policy by which all blocks cost the same} */
  static AgingPolicy lfuDa(int slots) {
    return new AgingPolicy(slots, 1, 0);
  }

  /** {@return one by which a block costs so much more for each block before it, the first 1} */
  static AgingPolicy gdsf(int slots, double costPerBlockBefore) {
    return new AgingPolicy(slots, 16, costPerBlockBefore);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    uses[slot] = 0;
    double costs = unit * (1 + costPerBlockBefore * depth);
    cost[slot] = (int) Math.round(Math.min(costs, ring.span()));
    ring.add(slot, age);
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    ring.remove(slot);
    uses[slot] = Math.min(uses[slot] + 1, ring.span());
    ring.add(slot, age + (long) uses[slot] * cost[slot]);
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    if (slot == named) {
      age = Math.max(age, ring.number(slot));
    }
    named = NONE;
    ring.remove(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    named = ring.coldest(prefixes, evictable);
    return named;
  }
}
