package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.lang.management.ManagementFactory;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of {@link EvictionPolicy} as tests. Which slot is coldest is the policy's own
 * affair; that it is occupied and may go, and that none is forgotten, is everybody's.
 */
@ExtendWith(Seeded.class)
public interface EvictionPolicyContract {
  /** {@return a new policy for a tier of so many slots, all empty} */
  EvictionPolicy create(int slots);

  /** An empty tier has nothing to give, before and after it held something. */
  @Test
  default void findsNothingInAnEmptyTier() {
    var model = new EvictionModel(create(4), 4);
    assertEquals(EvictionPolicy.NONE, model.coldest(_ -> true));
    model.admit(2, 20, 0);
    model.remove(2);
    assertEquals(EvictionPolicy.NONE, model.coldest(_ -> true));
  }

  /** When no slot may go, none is named; when one may again, it is found. */
  @Test
  default void findsNothingWhenNothingMayGo() {
    var model = new EvictionModel(create(8), 8);
    model.admitAll();
    for (int round = 0; round < 20; round++) {
      assertEquals(EvictionPolicy.NONE, model.coldest(_ -> false));
    }
    model.drain(_ -> true);
  }

  /** A tier of one slot is a tier. */
  @Test
  default void orderOfOneSlot() {
    var model = new EvictionModel(create(1), 1);
    for (int round = 0; round < 5; round++) {
      model.admit(0, round, round);
      model.touch(0);
      model.drain(_ -> true);
    }
  }

  /** A slot stays occupied until it is removed, however often it is named. */
  @Test
  default void keepsASlotUntilItIsRemoved() {
    var model = new EvictionModel(create(8), 8);
    model.admitAll();
    for (int round = 0; round < 100; round++) {
      model.coldest(_ -> true);
    }
    model.drain(_ -> true);
  }

  /** The one slot that may go is found, wherever it stands in the order. */
  @Test
  default void findsTheOnlySlotThatMayGo() {
    int slots = 50;
    var model = new EvictionModel(create(slots), slots);
    model.admitAll();
    for (int only = 0; only < slots; only++) {
      int wanted = only;
      assertEquals(only, model.coldest(slot -> slot == wanted));
      model.touch((only * 7) % slots);
    }
  }

  /** Every occupied slot that may go is named sooner or later, and the others stay. */
  @Test
  default void namesEverySlotThatMayGo(Random random) {
    int slots = 200;
    var model = new EvictionModel(create(slots), slots);
    model.admitAll();
    for (int i = 0; i < 500; i++) {
      model.touch(random.nextInt(slots));
    }
    BitSet pinned = new BitSet();
    random.ints(60, 0, slots).forEach(pinned::set);
    model.drain(slot -> !pinned.get(slot));
    model.drain(_ -> true);
  }

  /** A slot may be removed without having been named, from anywhere in the order, and come back. */
  @Test
  default void forgetsRemovedSlots(Random random) {
    int slots = 64;
    var model = new EvictionModel(create(slots), slots);
    for (int round = 0; round < 20; round++) {
      model.admitAll();
      for (int i = 0; i < 100; i++) {
        model.removeOrTouch(random.nextInt(slots), random.nextBoolean());
      }
      model.drain(_ -> true);
    }
  }

  /** Any sequence of calls leaves the policy with the slots that a set would have. */
  @Test
  default void agreesWithASetOfSlots(Random random) {
    for (int slots : new int[] {1, 2, 3, 17, 256}) {
      var model = new EvictionModel(create(slots), slots);
      for (int step = 0; step < 5_000; step++) {
        model.step(random);
      }
      model.drain(_ -> true);
    }
  }

  /** To empty a tier in which everything may go costs a few questions per slot. */
  @Test
  default void asksFewQuestionsWhenEverythingMayGo() {
    int slots = 4_000;
    var model = new EvictionModel(create(slots), slots);
    model.admitAll();
    long[] questions = {0};
    model.drain(_ -> {
      questions[0]++;
      return true;
    });
    assertTrue(questions[0] <= 8L * slots, () -> questions[0] + " questions, slots " + slots);
  }

  /** No call allocates. */
  @Test
  default void allocatesNothing() {
    int slots = 1_000;
    EvictionPolicy policy = create(slots);
    churn(policy, slots, 20);
    var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    churn(policy, slots, 20);
    long bytes = thread.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < 20L * slots, () -> bytes + " bytes in " + 80 * slots + " calls");
  }

  private static void churn(EvictionPolicy policy, int slots, int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (int slot = 0; slot < slots; slot++) {
        policy.admitted(slot, Pattern.mix(slot + round), slot % 100);
        policy.touched(slot / 2);
      }
      for (int slot = policy.coldest(_ -> true); slot >= 0; slot = policy.coldest(_ -> true)) {
        policy.removed(slot);
      }
    }
  }
}
