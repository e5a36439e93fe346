package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which slot is on which device. */
class StripingTest {
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  private String context(Striping striping) {
    return "seed " + seed + ", " + striping;
  }

  private int[] weights(int most) {
    int[] weights = new int[1 + random.nextInt(6)];
    Arrays.setAll(weights, _ -> random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(most));
    weights[random.nextInt(weights.length)]++;
    return weights;
  }

  /** A slot as the format describes it: by where it stands, then by its device. */
  private record Place(int device, int index, int of) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int order = Long.compare((2L * index + 1) * other.of, (2L * other.index + 1) * of);
      return order != 0 ? order : Integer.compare(device, other.device);
    }
  }

  @RepeatedTest(40)
  void countsTheSlotsInTheOrderThatTheFormatSays() {
    int[] weights = weights(400);
    var striping = Striping.of(weights);
    List<Place> places = new ArrayList<>();
    for (int device = 0; device < weights.length; device++) {
      for (int index = 0; index < weights[device]; index++) {
        places.add(new Place(device, index, weights[device]));
      }
    }
    places.sort(null);
    assertEquals(places.size(), striping.slots());
    for (int slot = 0; slot < places.size(); slot++) {
      Place place = places.get(slot);
      assertEquals(place.device, striping.device(slot), context(striping));
      assertEquals(place.index, striping.index(slot), context(striping));
      assertEquals(slot, striping.slot(place.device, place.index), context(striping));
    }
  }

  /** Every stretch of slots has of each device what is its due, but for a slot or so. */
  @RepeatedTest(20)
  void spreadsSlotsInProportion() {
    var striping = Striping.of(weights(2000));
    int[] count = new int[striping.devices()];
    for (int slot = 0; slot < striping.slots(); slot++) {
      count[striping.device(slot)]++;
      for (int device = 0; device < count.length; device++) {
        double due = (slot + 1.0) * striping.slotsIn(device) / striping.slots();
        assertEquals(due, count[device], 0.5 * count.length + 0.5, context(striping));
      }
    }
  }

  @RepeatedTest(20)
  void findsSlotsOfTiersThatNobodyWalksThrough() {
    int[] weights = weights(400_000_000);
    var striping = Striping.of(weights);
    for (int i = 0; i < 2000; i++) {
      int slot = i < 3 ? striping.slots() - 1 - i : random.nextInt(striping.slots());
      if (slot >= 0) {
        int device = striping.device(slot);
        assertTrue(striping.index(slot) < weights[device], context(striping));
        assertEquals(slot, striping.slot(device, striping.index(slot)), context(striping));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Striping.of(Integer.MAX_VALUE, -1));
    assertThrows(ArithmeticException.class, () -> Striping.of(Integer.MAX_VALUE, 1));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,3", "8,8", "3,5", "100,4", "101,7"})
  void devicesOfOneSizeTakeTurns(int slots, int devices) {
    var turns = Striping.even(slots, devices);
    var places = new BitSet();
    for (int slot = 0; slot < slots; slot++) {
      assertEquals(slot % devices, turns.device(slot));
      assertEquals(slot / devices, turns.index(slot));
      assertEquals(slot, turns.slot(slot % devices, slot / devices));
      places.set(turns.device(slot) * slots + turns.index(slot));
    }
    assertEquals(slots, places.cardinality());
  }

  /** The general rule, of which turns are a case, without the short cut of that case. */
  @ParameterizedTest
  @CsvSource({"7,3", "3,5", "100,4", "101,7", "31,32"})
  void turnsAreWhatTheRuleSays(int slots, int devices) {
    var even = Striping.even(slots, devices);
    List<Place> places = new ArrayList<>();
    for (int device = 0; device < devices; device++) {
      for (int index = 0; index < even.slotsIn(device); index++) {
        places.add(new Place(device, index, even.slotsIn(device)));
      }
    }
    places.sort(null);
    for (int slot = 0; slot < slots; slot++) {
      assertEquals(even.device(slot), places.get(slot).device);
    }
  }

  @RepeatedTest(20)
  void growingInProportionMovesNothing() {
    int[] weights = weights(200);
    var before = Striping.of(weights);
    int factor = 2 + random.nextInt(5);
    var after = Striping.of(Arrays.stream(weights).map(one -> one * factor).toArray());
    assertTrue(after.continues(before), context(before));
    assertFalse(before.continues(after), context(before));
    for (int slot = 0; slot < before.slots(); slot++) {
      assertEquals(before.device(slot), after.device(slot), context(before));
      assertEquals(before.index(slot), after.index(slot), context(before));
    }
  }

  @Test
  void knowsWhatWouldMoveSlots() {
    assertTrue(Striping.of(3, 3, 2).continues(Striping.of(2, 2, 2)));
    assertTrue(Striping.of(10, 8).continues(Striping.of(5, 4)));
    assertTrue(Striping.of(3, 9).continues(Striping.of(1, 3)));
    assertFalse(Striping.of(3, 10).continues(Striping.of(1, 3)));
    assertFalse(Striping.of(4, 3, 2).continues(Striping.of(3, 2)));
    assertFalse(Striping.of(3, 1).continues(Striping.of(1, 3)));
  }
}
