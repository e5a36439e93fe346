package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.BitSet;
import java.util.Random;

/** A policy beside the set of slots that it should know, compared at every answer. */
final class EvictionModel {
  private final EvictionPolicy policy;
  private final int slots;
  private final BitSet occupied = new BitSet();

  EvictionModel(EvictionPolicy policy, int slots) {
    this.policy = policy;
    this.slots = slots;
  }

  void admit(int slot, long identity, int depth) {
    occupied.set(slot);
    policy.admitted(slot, identity, depth);
  }

  void admitAll() {
    for (int slot = 0; slot < slots; slot++) {
      if (!occupied.get(slot)) {
        admit(slot, Pattern.mix(slot), slot % 10);
      }
    }
  }

  void touch(int slot) {
    policy.touched(slot);
  }

  void remove(int slot) {
    occupied.clear(slot);
    policy.removed(slot);
  }

  /** Does something to a slot that is occupied, and nothing to another. */
  void removeOrTouch(int slot, boolean removing) {
    if (occupied.get(slot) && removing) {
      remove(slot);
    } else if (occupied.get(slot)) {
      touch(slot);
    }
  }

  /** Asks for the coldest slot, and checks that it is one, and that none is named without need. */
  int coldest(Evictable evictable) {
    int slot = policy.coldest(evictable);
    if (slot == EvictionPolicy.NONE) {
      long may = occupied.stream().filter(evictable::test).count();
      assertEquals(0, may, "slots that may go, of which none was named");
    } else {
      assertTrue(occupied.get(slot), () -> "slot " + slot + " is named and not occupied");
      assertTrue(evictable.test(slot), () -> "slot " + slot + " is named and may not go");
    }
    return slot;
  }

  /** Empties every slot that may go. */
  void drain(Evictable evictable) {
    int left = occupied.cardinality();
    for (int slot = coldest(evictable); slot != EvictionPolicy.NONE; slot = coldest(evictable)) {
      remove(slot);
      assertTrue(--left >= 0, "more slots were named than were occupied");
    }
  }

  /** Does something that an engine might do. */
  void step(Random random) {
    int slot = random.nextInt(slots);
    if (!occupied.get(slot)) {
      admit(slot, random.nextLong(), random.nextInt(1_000));
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> remove(slot);
      case 1 -> evict(random.nextInt(1, 5), random.nextLong());
      default -> touch(slot);
    }
  }

  /** Empties the coldest of those slots that a random choice lets go. */
  private void evict(int oneOf, long salt) {
    int slot =
        coldest(candidate -> Long.remainderUnsigned(Pattern.mix(candidate + salt), oneOf) == 0);
    if (slot != EvictionPolicy.NONE) {
      remove(slot);
    }
  }
}
