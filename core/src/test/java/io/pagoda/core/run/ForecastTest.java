package io.pagoda.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long a tier is expected to take. */
class ForecastTest {
  private final Forecast forecast = new Forecast();

  @Test
  void whoHasLearnedNothingExpectsNothing() {
    assertEquals(0, forecast.nanos(1 << 20));
  }

  @Test
  void batchesThatAreAllAlikeAreInProportion() {
    for (int i = 0; i < 10; i++) {
      forecast.learn(1000, 5000);
    }
    assertNear(5000, 1000, 1);
    assertNear(50_000, 10_000, 10);
  }

  @Test
  void latencyAndBandwidthAreToldApart() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 100; i++) {
      long bytes = 1L + random.nextInt(1_000_000);
      forecast.learn(bytes, 20_000_000L + 3 * bytes);
    }
    assertNear(20_000_000, 0, 1_000);
    assertNear(23_000_000, 1_000_000, 1_000);
    assertNear(50_000_000, 10_000_000, 10_000);
  }

  @Test
  void whatIsLongAgoIsForgotten() {
    for (int i = 0; i < 100; i++) {
      forecast.learn(1000, 1_000_000);
    }
    for (int i = 0; i < 100; i++) {
      forecast.learn(1000, 1_000);
    }
    assertTrue(forecast.nanos(1000) < 10_000, () -> "still " + forecast.nanos(1000));
  }

  @Test
  void moreBytesNeverTakeLess() {
    forecast.learn(1000, 9_000);
    forecast.learn(9000, 1_000);
    assertTrue(forecast.nanos(1 << 20) >= forecast.nanos(1));
    assertTrue(forecast.nanos(1) >= 0);
  }

  private void assertNear(long expected, long bytes, long by) {
    long found = forecast.nanos(bytes);
    assertTrue(Math.abs(found - expected) <= by, () -> bytes + " bytes take " + found);
  }
}
