package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Time, memory and order of the adaptive policy, over more epochs than its labels tell apart. */
class EpochsTest {
  @Test
  void anEpochMovesThroughEveryPartAndItsAgeIsKnownToAQuarterOfItsSpan() {
    var epochs = new Epochs(1);
    int watched = 5 * Epochs.MOST;
    int[] part = new int[watched];
    for (int now = 1; now < watched; now++) {
      int moved = epochs.begin();
      assertEquals(now, epochs.now());
      for (int born = Math.max(0, now - Epochs.MOST); born <= now; born += 1 + (now & 15)) {
        int its = epochs.partOf(born);
        assertTrue(its >= part[born] && its <= Epochs.ALL - 1, "back from " + part[born]);
        part[born] = its;
        checkAge(now - born, its);
        if (its < Epochs.ALL - 1) {
          assertEquals(its, epochs.part(born & (Epochs.MOST - 1)));
          assertEquals(now - born, epochs.age(born & (Epochs.MOST - 1)));
        }
      }
      assertEquals(Epochs.PARTS - 1, moved % Epochs.PARTS);
    }
    assertEquals(Epochs.ALL - 1, epochs.partOf(0));
    assertEquals(0, epochs.partOf(epochs.now()));
  }

  private static void checkAge(int age, int part) {
    int span = Epochs.span(part);
    int length = 1 << span;
    int youngest = Epochs.PARTS * (length - 1) + part % Epochs.PARTS * length;
    assertTrue(age >= youngest - length, () -> "%d is too young for %d".formatted(age, part));
    assertTrue(
        age < youngest + 2 * length || part == Epochs.ALL - 1,
        () -> "%d is too old for %d".formatted(age, part));
  }

  @Test
  void whatIsRememberedIsFoundUntilItIsForgottenOrAnotherTakesItsPlace() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var gone = new Remembered(100);
    Map<Long, Integer> known = new HashMap<>();
    Map<Integer, Long> at = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      long block = random.nextInt(300);
      int found = gone.find(block);
      assertEquals(known.containsKey(block), found != Remembered.NONE, "seed " + seed);
      if (found == Remembered.NONE) {
        int room = gone.room(block, i);
        assertEquals(!at.containsKey(room), gone.isFree(room), "seed " + seed);
        known.remove(at.put(room, block));
        known.put(block, i);
        gone.put(room, block, i, ~i);
      } else {
        assertEquals(known.get(block), gone.epoch(found), "seed " + seed);
        assertEquals(~known.getOrDefault(block, -1), gone.note(found), "seed " + seed);
        if (random.nextInt(3) == 0) {
          gone.forget(found);
          known.remove(block);
          at.remove(found);
        }
      }
    }
    assertTrue(known.size() > 60, "only " + known.size());
  }

  @Test
  void everyBlockIsNamedOnceHoweverOldItIs() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    int slots = 24;
    var policy = new AdaptivePolicy(slots, 4 * slots);
    var full = new BitSet();
    int eternal = slots - 1;
    for (int i = 0; i < 40_000; i++) {
      int slot = random.nextInt(slots);
      if (slot == eternal && full.get(eternal)) {
        continue;
      }
      if (!full.get(slot)) {
        policy.admitted(slot, random.nextInt(200), random.nextInt(4));
        full.set(slot);
      }
      policy.touched(slot);
      if (random.nextInt(8) == 0) {
        int coldest = policy.coldest(other -> other != eternal && random.nextInt(4) > 0);
        if (coldest != AdaptivePolicy.NONE) {
          assertTrue(full.get(coldest) && coldest != eternal, "seed " + seed);
          policy.removed(coldest);
          full.clear(coldest);
        }
      }
    }
    Set<Integer> named = new HashSet<>();
    while (!full.isEmpty()) {
      int coldest = policy.coldest(_ -> true);
      assertTrue(full.get(coldest) && named.add(coldest), "seed " + seed + ": " + coldest);
      policy.removed(coldest);
      full.clear(coldest);
    }
    assertEquals(AdaptivePolicy.NONE, policy.coldest(_ -> true), "seed " + seed);
  }
}
