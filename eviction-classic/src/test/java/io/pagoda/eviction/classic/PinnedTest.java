package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.tck.Seeded;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many cold slots that may not go, and some that are let go without a word. */
@ExtendWith(Seeded.class)
class PinnedTest {
  private static final int SLOTS = 4_000;

  private final BitSet pinned = new BitSet();

  /** A full tier of used blocks, whose colder half is pinned. */
  private OrderModel halfPinned(Kind kind, Random random) {
    OrderModel model = new OrderModel(kind, SLOTS);
    for (int slot = 0; slot < SLOTS; slot++) {
      model.admit(slot);
    }
    for (int i = 0; i < 3 * SLOTS; i++) {
      model.use(random.nextInt(SLOTS));
    }
    model.blocks.entrySet()
        .stream()
        .sorted(Comparator.comparing(Map.Entry::getValue, kind.order()))
        .limit(SLOTS / 2)
        .forEach(entry -> pinned.set(entry.getKey()));
    return model;
  }

  private boolean mayGo(int slot) {
    return !pinned.get(slot);
  }

  @ParameterizedTest
  @EnumSource
  void eachAnswerCostsAFewQuestions(Kind kind, Random random) {
    EvictionPolicy policy = halfPinned(kind, random).policy;
    int rounds = 20 * SLOTS;
    long[] questions = {0};
    for (int round = 0; round < rounds; round++) {
      int slot = policy.coldest(candidate -> {
        questions[0]++;
        return mayGo(candidate);
      });
      policy.removed(slot);
      policy.admitted(slot, round, 0);
      policy.touched(slot);
    }
    int most = kind == Kind.LFU ? 5 * 12 : 10; // 4 for each number of uses of pinned blocks alone
    assertTrue(questions[0] < (long) most * rounds, () -> questions[0] + " in " + rounds);
  }

  @ParameterizedTest
  @EnumSource
  void orderOutlastsThePins(Kind kind, Random random) {
    OrderModel model = halfPinned(kind, random);
    for (int i = 0; i < 300; i++) {
      model.evict(this::mayGo);
    }
    pinned.clear();
    for (int left = SLOTS - 300; left > 0; left--) {
      assertNotEquals(EvictionPolicy.NONE, model.evict(_ -> true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void orderOutlastsATimeWhenNothingMayGo(Kind kind, Random random) {
    OrderModel model = halfPinned(kind, random);
    for (int i = 0; i < 7; i++) {
      assertEquals(EvictionPolicy.NONE, model.coldest(_ -> false));
    }
    for (int left = SLOTS; left > 0; left--) {
      assertNotEquals(EvictionPolicy.NONE, model.evict(_ -> true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSlotThatIsLetGoIsFoundAfterAQuarterAsManyEvictionsAsThereArePinned(
      Kind kind, Random random) {
    EvictionPolicy policy = halfPinned(kind, random).policy;
    policy.removed(policy.coldest(this::mayGo));
    int let = pinned.stream().skip(random.nextInt(SLOTS / 2)).findFirst().orElseThrow();
    pinned.clear(let);
    int evictions = 0;
    for (int slot = -1; slot != let; evictions++) {
      slot = policy.coldest(this::mayGo);
      policy.removed(slot);
    }
    int most = SLOTS / 2 / Lines.TURNS + 1;
    assertTrue(evictions <= most, evictions + " evictions, " + most + " at most");
  }

  /** What came later goes first, though an earlier one whose turn it is was let go. */
  @Test
  void aTurnIsNotTakenBeforeWhatGoesFirst() {
    EvictionPolicy filo = AgePolicy.filo(8);
    for (int slot = 0; slot <= 5; slot++) {
      filo.admitted(slot, slot, 1);
    }
    pinned.set(3, 6);
    assertEquals(2, filo.coldest(this::mayGo));
    assertEquals(2, filo.coldest(this::mayGo), "by now it is the turn of 4");
    filo.admitted(6, 6, 1);
    filo.admitted(7, 7, 1);
    pinned.set(7);
    assertEquals(6, filo.coldest(this::mayGo));
    pinned.clear(4);
    assertEquals(6, filo.coldest(this::mayGo));
    filo.removed(6);
    assertEquals(4, filo.coldest(this::mayGo));
  }

  @Test
  void nothingPrecedesTheFirstBlockOfAPrefix() {
    var prefixes = new Prefixes(4);
    for (int slot = 0; slot < 4; slot++) {
      prefixes.admitted(slot, slot % 2);
    }
    for (int slot : new int[] {1, 0, 3, 2}) {
      prefixes.used(slot);
    }
    prefixes.removed(1);
    assertEquals(0, prefixes.freed());
    prefixes.removed(0);
    assertEquals(EvictionPolicy.NONE, prefixes.freed());
    prefixes.removed(3);
    assertEquals(2, prefixes.freed());
  }
}
