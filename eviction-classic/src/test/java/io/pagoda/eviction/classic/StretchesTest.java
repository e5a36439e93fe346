package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.tck.Seeded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Blocks that stand in line as one. */
@ExtendWith(Seeded.class)
class StretchesTest {
  private static final int SLOTS = 40;

  private final Stretches stretches = new Stretches(Cell.ofAll(SLOTS));
  private final Map<Integer, List<Integer>> model = new HashMap<>();
  private final Deque<Integer> free = new ArrayDeque<>();

  @Test
  void ofEveryStretchTheDeepestBlockIsKnownWhoeverLeaves(Random random) {
    for (int slot = 0; slot < SLOTS; slot++) {
      free.add(slot * 17 % SLOTS);
    }
    for (int row = 0; row < 20_000; row++) {
      if (!free.isEmpty() && random.nextBoolean()) {
        begin(row, 1 + random.nextInt(free.size()));
      } else {
        leave(random);
      }
      model.forEach(this::check);
    }
  }

  private void begin(int row, int size) {
    int stretch = stretches.begin(row);
    assertTrue(stretch < SLOTS && !model.containsKey(stretch), () -> "twice " + stretch);
    assertEquals(row, stretches.row(stretch));
    List<Integer> blocks = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int slot = free.remove();
      stretches.add(stretch, slot);
      blocks.add(slot);
    }
    model.put(stretch, blocks);
  }

  private void leave(Random random) {
    if (model.isEmpty()) {
      return;
    }
    var any = List.copyOf(model.entrySet()).get(random.nextInt(model.size()));
    int stretch = any.getKey();
    List<Integer> blocks = any.getValue();
    int slot = blocks.get(random.nextInt(blocks.size()));
    blocks.remove(Integer.valueOf(slot));
    stretches.remove(slot);
    assertEquals(Stretches.NONE, stretches.of(slot));
    free.add(slot);
    if (blocks.isEmpty()) {
      stretches.end(stretch);
      model.remove(stretch);
    }
  }

  private void check(int stretch, List<Integer> blocks) {
    assertEquals(blocks.size(), stretches.size(stretch));
    assertEquals(blocks.getFirst(), stretches.deepest(stretch));
    blocks.forEach(slot -> assertEquals(stretch, stretches.of(slot)));
  }

  /**
   * A row of blocks of one kind, whose deepest may not go: nobody asks for the others but in need.
   */
  @Test
  void aBlockWithinAStretchIsNamedWhenNoneAtAnEndMayGo() {
    int slots = 64;
    var policy = new AdaptivePolicy(slots, 4 * slots);
    for (int depth = 0; depth < slots; depth++) {
      policy.admitted(depth, depth, depth);
    }
    for (int depth = slots - 1; depth >= 0; depth--) {
      policy.touched(depth);
    }
    for (int only : new int[] {17, 40, 0, 62}) {
      assertEquals(only, policy.coldest(slot -> slot == only));
    }
    assertEquals(EvictionPolicy.NONE, policy.coldest(_ -> false));
  }
}
