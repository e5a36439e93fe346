package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.remote.objects.Whereabouts.Place;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** In which object a block is. */
class ObjectWhereaboutsTest {
  private static final int BLOCKS = 10_000;

  private static Place place(int i) {
    return new Place(i / 8, -i, 7 - i % 8, 8, true);
  }

  private static int known(Whereabouts whereabouts, long[] highs, long[] lows) {
    for (int i = 0; i < BLOCKS; i++) {
      whereabouts.put(highs[i], lows[i], place(i));
    }
    int known = 0;
    for (int i = 0; i < BLOCKS; i++) {
      Place found = whereabouts.of(highs[i], lows[i]);
      if (found != null) {
        assertEquals(place(i), found);
        known++;
      }
    }
    return known;
  }

  @Test
  void withHalfAsMuchRoomAgainNearlyAllAreKnown() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    long[] highs = random.longs(BLOCKS).toArray();
    long[] lows = random.longs(BLOCKS).toArray();
    int known = known(new Whereabouts(BLOCKS + BLOCKS / 2), highs, lows);
    assertTrue(known >= .96 * BLOCKS, "seed " + seed + ": " + known);
  }

  /** Keys that were not hashed may have much in common. */
  @Test
  void keysThatDifferInOneHalfAloneDoNotCrowd() {
    long[] same = new long[BLOCKS];
    long[] counted = new long[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      same[i] = 42;
      counted[i] = i;
    }
    assertTrue(known(new Whereabouts(2 * BLOCKS), counted, same) >= .96 * BLOCKS);
    assertTrue(known(new Whereabouts(2 * BLOCKS), same, counted) >= .96 * BLOCKS);
  }

  @Test
  void whatIsForgottenIsNotKnown() {
    var whereabouts = new Whereabouts(100);
    whereabouts.put(1, 2, place(3));
    whereabouts.assume(1, 2, place(4));
    assertEquals(place(3), whereabouts.of(1, 2));
    whereabouts.forget(1, 2);
    assertNull(whereabouts.of(1, 2));
    whereabouts.assume(1, 2, place(4));
    whereabouts.forgetAll();
    assertNull(whereabouts.of(1, 2));
  }
}
