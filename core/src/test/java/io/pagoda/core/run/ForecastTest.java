package io.pagoda.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long a tier is expected to take. */
class ForecastTest {
  private final Forecast forecast = new Forecast();
  private long now;

  private void learn(long bytes, long nanos) {
    forecast.learn(bytes, nanos, now);
  }

  private long nanos(long bytes) {
    return forecast.nanos(bytes, now);
  }

  @Test
  void whoHasLearnedNothingExpectsNothing() {
    assertEquals(0, nanos(1 << 20));
  }

  @Test
  void whatNobodyHasTriedIsCheap() {
    for (int i = 0; i < 10; i++) {
      learn(1000, 5000);
    }
    assertEquals(5000, nanos(1000));
    assertEquals(2500, nanos(500));
    assertEquals(5000, nanos(10_000));
  }

  @Test
  void latencyAndBandwidthAreToldApart() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 1000; i++) {
      long bytes = 1L + random.nextInt(1_000_000);
      learn(bytes, 20_000_000L + 3 * bytes);
    }
    assertNear(20_030_000, 10_000, 20_000);
    assertNear(21_500_000, 500_000, 200_000);
    assertNear(50_000_000, 10_000_000, 1_000_000);
  }

  /** Else one who was told that the others are not worth it would never learn that they are. */
  @Test
  void whatALargeBatchTookIsKnownAfterManySmallOnes() {
    learn(1_000_000, 30_000_000);
    for (int i = 0; i < 1000; i++) {
      learn(10_000, 20_000_000);
    }
    assertNear(30_000_000, 1_000_000, 0);
    now += Forecast.STALE_NANOS - 1;
    learn(10_000, 20_000_000);
    now++;
    assertNear(20_000_000, 1_000_000, 0);
  }

  @Test
  void whatIsLongAgoIsForgotten() {
    for (int i = 0; i < 100; i++) {
      learn(1000, 1_000_000);
    }
    for (int i = 0; i < 100; i++) {
      learn(1000, 1_000);
    }
    assertTrue(nanos(1000) < 10_000, () -> "still " + nanos(1000));
    now += Forecast.STALE_NANOS;
    assertEquals(0, nanos(1000));
  }

  @Test
  void moreBytesNeverTakeLess() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 100; i++) {
      learn(1L + random.nextInt(1 << random.nextInt(1, 31)), random.nextLong(1_000_000));
      long before = 0;
      for (long bytes = 1; bytes < 1L << 40; bytes += 1 + bytes / 3) {
        long expected = nanos(bytes);
        assertTrue(expected >= before, "seed " + seed + ": " + bytes + " bytes");
        before = expected;
      }
    }
  }

  private void assertNear(long expected, long bytes, long by) {
    long found = nanos(bytes);
    assertTrue(Math.abs(found - expected) <= by, () -> bytes + " bytes take " + found);
  }
}
