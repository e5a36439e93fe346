package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.tck.Seeded;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every policy beside the obvious way to find the coldest block. */
@ExtendWith(Seeded.class)
class OrderTest {
  private static final int SLOTS = 60;

  @ParameterizedTest
  @EnumSource
  void agreesWithTheModelWhenEverythingMayGo(Kind kind, Random random) {
    OrderModel model = new OrderModel(kind, SLOTS);
    for (int step = 0; step < 30_000; step++) {
      step(model, random.nextInt(SLOTS), random.nextInt(6), new BitSet());
    }
    drain(model);
  }

  /** As long as nothing is let go without being used, pins change nothing but who goes. */
  @ParameterizedTest
  @EnumSource
  void agreesWithTheModelWhenSlotsArePinned(Kind kind, Random random) {
    OrderModel model = new OrderModel(kind, SLOTS);
    BitSet pinned = new BitSet();
    int besidePins = 0;
    for (int step = 0; step < 60_000; step++) {
      besidePins += pinned.isEmpty() ? 0 : 1;
      int slot = random.nextInt(SLOTS);
      if (random.nextInt(8) == 0 && pinned.cardinality() < SLOTS * 3 / 4) {
        pinned.set(slot);
      } else {
        step(model, slot, random.nextInt(6), pinned);
        if (kind.isByUse() || !model.blocks.containsKey(slot)) {
          model.useIfThere(slot);
          pinned.clear(slot);
        }
      }
    }
    // At the end there may happen to be none.
    assertTrue(besidePins > 50_000, "pins at " + besidePins + " steps only");
  }

  private static void step(OrderModel model, int slot, int choice, BitSet pinned) {
    if (!model.blocks.containsKey(slot)) {
      model.admit(slot);
    } else if (choice == 0 && !pinned.get(slot)) {
      model.remove(slot);
    } else if (choice <= 2) {
      model.evict(candidate -> !pinned.get(candidate));
    } else {
      model.use(slot);
    }
  }

  private static void drain(OrderModel model) {
    while (model.evict(_ -> true) != EvictionPolicy.NONE) {
    }
    assertEquals(0, model.blocks.size());
  }

  /** Prefixes that branch: whatever has successors may not go. Jobs report them from their end. */
  @ParameterizedTest
  @EnumSource
  void agreesWithTheModelLeafFirst(Kind kind, Random random) {
    prefixes(kind, random, SLOTS, 12, 3_000);
    prefixes(kind, random, 7 * SLOTS, 3 * SLOTS, 60);
  }

  private static void prefixes(Kind kind, Random random, int slots, int longest, int jobs) {
    var forest = new Forest(new OrderModel(kind, slots), slots);
    for (int i = 0; i < jobs; i++) {
      forest.job(random, 1 + random.nextInt(longest));
    }
    drainLeaves(forest);
  }

  private static void drainLeaves(Forest forest) {
    while (forest.evict()) {
    }
    assertEquals(0, forest.model.blocks.size());
  }

  /** A tree of blocks in slots. */
  private static final class Forest {
    final OrderModel model;
    private final int[] parent;
    private final int[] children;
    private final int[] depth;
    private final List<Integer> free;

    Forest(OrderModel model, int slots) {
      this.model = model;
      this.parent = new int[slots];
      this.children = new int[slots];
      this.depth = new int[slots];
      this.free = new ArrayList<>(IntStream.range(0, slots).boxed().toList());
    }

    /** Makes room, goes on with a prefix or begins one, and uses all of it. */
    void job(Random random, int blocks) {
      while (free.size() < blocks) {
        assertTrue(evict());
      }
      int from = random.nextInt(parent.length);
      int tip = random.nextInt(3) == 0 || free.contains(from) ? -1 : from;
      for (int i = 0; i < blocks; i++) {
        tip = admit(free.removeLast(), tip);
      }
      for (int slot = tip; slot >= 0; slot = parent[slot]) {
        model.use(slot);
      }
    }

    private int admit(int slot, int after) {
      parent[slot] = after;
      children[slot] = 0;
      if (after >= 0) {
        children[after]++;
      }
      depth[slot] = after < 0 ? 0 : depth[after] + 1;
      model.admit(slot, depth[slot]);
      return slot;
    }

    boolean evict() {
      int slot = model.evict(candidate -> children[candidate] == 0);
      if (slot < 0) {
        return false;
      }
      if (parent[slot] >= 0) {
        children[parent[slot]]--;
      }
      free.add(slot);
      return true;
    }
  }
}
