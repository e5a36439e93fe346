package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MeasuredTest {
  @Test
  void yardsticksAreComparedTurnByTurn() {
    Measured own = measured(new long[] {20, 10, 30}, new long[] {100, 400, 200}, new long[] {1});
    Measured other = measured(new long[] {60, 50, 10}, new long[] {300, 100, 500}, new long[] {9});
    // 50 / 20 = 2.5, 300 / 200 = 1.5, 9 / 1 = 9
    assertEquals(OptionalDouble.of(2.5), other.timesAsSlowAs(own));
    Map<String, Double> figures = new LinkedHashMap<>();
    other.add(figures, "ucx", own, 180);
    assertEquals(Map.of("ucx_gb_per_s", 3.0, "over_ucx_times", 2.5), figures);
    assertEquals(30, own.at(0.5));
  }

  @Test
  void whatWasNotMeasuredIsNotTold() {
    Measured own = measured(new long[] {1}, new long[] {2}, new long[] {3});
    Map<String, Double> figures = new LinkedHashMap<>();
    new Measured(3).add(figures, "ucx", own, 180);
    assertTrue(figures.isEmpty());
    assertFalse(new Measured(3).timesAsSlowAs(own).isPresent());
  }

  private static Measured measured(long[]... turns) {
    Measured all = new Measured(turns.length);
    for (long[] turn : turns) {
      all.add(turn);
    }
    return all;
  }
}
