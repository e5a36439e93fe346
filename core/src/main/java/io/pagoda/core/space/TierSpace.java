package io.pagoda.core.space;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The slots of one tier. A slot is free, taken (bytes are on their way into it, or out of it for
 * the last time), or occupied; an occupied slot is known to the policy, or is spare: its block has
 * a better copy in a hotter tier, so it gives way before any other.
 *
 * <p><b>Threads.</b> Confined.
 */
final class TierSpace {
  static final int NONE = -1;

  private final EvictionPolicy policy;

  /** Whose block a slot holds, or is to hold; {@link #NONE} if nobody's. */
  private final int[] entries;

  private final int[] free;
  private final SlotList spare;
  private int freeCount;

  /** Slots from here on were never used. */
  private int fresh;

  TierSpace(int slots, EvictionPolicy policy, boolean mayHaveSpares) {
    this.policy = policy;
    this.entries = new int[slots];
    this.free = new int[slots];
    this.spare = new SlotList(mayHaveSpares ? slots : 0);
    Arrays.fill(entries, NONE);
  }

  /** {@return a free slot, now taken, or {@link #NONE}} */
  int take() {
    if (freeCount > 0) {
      return free[--freeCount];
    }
    return fresh < entries.length ? fresh++ : NONE;
  }

  /** Gives a taken slot back. */
  void release(int slot) {
    entries[slot] = NONE;
    free[freeCount++] = slot;
  }

  /** Makes a taken slot an occupied one. */
  void occupy(int slot, int entry, long identity, int depth) {
    entries[slot] = entry;
    policy.admitted(slot, identity, depth);
  }

  /** Makes an occupied slot a taken one. */
  void vacate(int slot) {
    if (spare(slot)) {
      spare.remove(slot);
    } else {
      policy.removed(slot);
    }
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

  int entry(int slot) {
    return entries[slot];
  }

  boolean spare(int slot) {
    return slot < spare.capacity() && spare.contains(slot);
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
    for (int slot = fresh; slot < entries.length; slot++) {
      slots.add(slot);
    }
    return slots;
  }

  int used() {
    return fresh - freeCount;
  }

  /** {@return bytes of the arrays, the policy's apart} */
  long bytes() {
    return 8L * entries.length + spare.bytes();
  }
}
