package io.pagoda.core.space;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * The slots of one tier. A slot is free, taken (bytes are on their way into it, or out of it for
 * the last time), or occupied; an occupied slot is known to the policy, or is spare: its block has
 * a better copy in a hotter tier, so it gives way before any other.
 *
 * <p><b>Threads.</b> Confined.
 */
final class TierSpace {
  static final int NONE = -1;

  /** What a slot holds that is free. */
  private static final int FREE = -2;

  private final EvictionPolicy policy;

  /** Whose block a slot holds; {@link #NONE} if it is taken, {@link #FREE} if it is free. */
  private final int[] entries;

  private final int[] free;
  private final SlotList spare;
  private int freeCount;

  private final BarrenSlots barren;

  private int occupied;

  /** Slots from here on were never used. */
  private int fresh;

  private IntConsumer released = _ -> {};

  /** Slots that are never used as long as this medium is in its place. */
  private final BitSet quarantined = new BitSet();

  /** How many operations that nobody waits for may still touch a slot. */
  private final Map<Integer, Integer> withheld = new HashMap<>();

  /** Withheld slots that are to be free when they are not. */
  private final Set<Integer> givenBack = new HashSet<>();

  TierSpace(
      String name, int slots, EvictionPolicy policy, boolean mayHaveSpares, BarrenSlots barren) {
    this.barren = barren;
    this.policy = policy instanceof LruPolicy
        ? policy
        : new GuardedPolicy(name, policy, slots, this::regular);
    this.entries = new int[slots];
    this.free = new int[slots];
    this.spare = new SlotList(mayHaveSpares ? slots : 0);
    Arrays.fill(entries, FREE);
  }

  /** {@return a free slot, now taken, or {@link #NONE}} */
  int take() {
    if (freeCount > 0) {
      return taken(free[--freeCount]);
    }
    while (fresh < entries.length && !barren.everywhere()) {
      int slot = fresh++;
      if (!barren.concern(slot)) {
        return taken(slot);
      }
      barren.addUntried(taken(slot));
    }
    return NONE;
  }

  private int taken(int slot) {
    entries[slot] = NONE;
    return slot;
  }

  /** {@return a slot that could not be filled before, now taken, or {@link #NONE}} */
  int takeBarren() {
    int slot = barren.take();
    return slot == NONE ? NONE : taken(slot);
  }

  /**
   * Gives back a taken slot for which the medium had no room. While there is such a slot no new
   * ones are taken on that medium; if it is the only one blocks are evicted, whose slots have room.
   */
  void setAside(int slot) {
    released.accept(slot);
    entries[slot] = NONE;
    barren.add(slot);
  }

  /** Records that a slot was filled: one that could not be may be tried again. */
  void filled() {
    barren.filled(this::free);
  }

  /** Gives a taken slot back. */
  void release(int slot) {
    if (entries[slot] != NONE) {
      throw new IllegalStateException(
          "Slot %d is given back, and is %s"
              .formatted(slot, entries[slot] == FREE ? "free" : "that of entry " + entries[slot]));
    }
    released.accept(slot);
    if (withheld(slot)) {
      givenBack.add(slot);
    } else {
      free(slot);
    }
  }

  /** Lets a taken slot never be free again. */
  void quarantine(int slot) {
    released.accept(slot);
    quarantined.set(slot);
  }

  int quarantined() {
    return quarantined.cardinality();
  }

  void withhold(int slot) {
    withheld.merge(slot, 1, Integer::sum);
  }

  void letGo(int slot) {
    int left = withheld.getOrDefault(slot, 0) - 1;
    if (left > 0) {
      withheld.put(slot, left);
      return;
    }
    withheld.remove(slot);
    if (givenBack.remove(slot)) {
      free(slot);
    }
  }

  int withheldSlots() {
    return withheld.size();
  }

  boolean withheld(int slot) {
    return !withheld.isEmpty() && withheld.containsKey(slot);
  }

  private void free(int slot) {
    entries[slot] = FREE;
    free[freeCount++] = slot;
  }

  /** Has somebody told of each slot that is given back with what it may still hold. */
  void onRelease(IntConsumer listener) {
    released = listener;
  }

  /** Takes a slot if it is free; {@link #countFree} has to follow. */
  boolean claim(int slot) {
    boolean free = entries[slot] == FREE || quarantined.get(slot);
    quarantined.clear(slot);
    entries[slot] = free ? NONE : entries[slot];
    return free;
  }

  /** Makes every slot a free one that nobody has, when the tier is new in its place. */
  void countFree() {
    quarantined.stream().forEach(slot -> entries[slot] = FREE);
    quarantined.clear();
    fresh = entries.length;
    freeCount = 0;
    for (int slot = entries.length - 1; slot >= 0; slot--) {
      if (entries[slot] == FREE) {
        free[freeCount++] = slot;
      }
    }
  }

  /** Makes a taken slot, or at the start a free one, an occupied one. */
  void occupy(int slot, int entry, long identity, int depth) {
    entries[slot] = entry;
    occupied++;
    policy.admitted(slot, identity, depth);
  }

  /** Makes an occupied slot a taken one. */
  void vacate(int slot) {
    if (spare(slot)) {
      spare.remove(slot);
    } else {
      policy.removed(slot);
    }
    occupied--;
    entries[slot] = NONE;
  }

  void touch(int slot) {
    if (!spare(slot)) {
      policy.touched(slot);
    }
  }

  /** Makes an occupied slot the first to give way. */
  void makeSpare(int slot) {
    if (!spare(slot)) {
      policy.removed(slot);
      spare.addFirst(slot);
    }
  }

  /** Makes a spare slot as good as any, and the most recent. */
  void makeRegular(int slot, long identity, int depth) {
    if (spare(slot)) {
      spare.remove(slot);
      policy.admitted(slot, identity, depth);
    }
  }

  /** {@return the occupied slot that should give way, or {@link #NONE}} */
  int coldest(Evictable spareMayGo, Evictable mayGo) {
    for (int left = spare.size(); left > 0; left--) {
      int slot = spare.last();
      if (spareMayGo.test(slot)) {
        return slot;
      }
      spare.moveFirst(slot);
    }
    return policy.coldest(mayGo);
  }

  /** {@return whose block a slot holds, or {@link #NONE}} */
  int entry(int slot) {
    return Math.max(NONE, entries[slot]);
  }

  boolean spare(int slot) {
    return slot < spare.capacity() && spare.contains(slot);
  }

  private boolean regular(int slot) {
    return entries[slot] >= 0 && !spare(slot);
  }

  int slots() {
    return entries.length;
  }

  /** {@return every free slot; for tests} */
  Set<Integer> freeSlots() {
    Set<Integer> slots = new HashSet<>();
    for (int i = 0; i < freeCount; i++) {
      slots.add(free[i]);
    }
    barren.forEach(slots::add);
    for (int slot = fresh; slot < entries.length; slot++) {
      slots.add(slot);
    }
    return slots;
  }

  int used() {
    return fresh - freeCount - barren.size() - quarantined.cardinality();
  }

  int occupied() {
    return occupied;
  }

  /** {@return bytes of the arrays, the policy's apart} */
  long bytes() {
    return 8L * entries.length + spare.bytes();
  }
}
