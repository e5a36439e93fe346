package io.pagoda.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void whatABatchTakesIsWaitedForAfterwards() {
    var allowance = new Allowance(100);
    assertTrue(allowance.allows(-5 * SECOND), "nothing was used");
    allowance.use(200, -5 * SECOND);
    assertEquals(-3 * SECOND, allowance.nextAt());
    assertFalse(allowance.allows(-3 * SECOND - 1));
    assertTrue(allowance.allows(-3 * SECOND));
    allowance.use(100, 7 * SECOND);
    assertFalse(allowance.allows(8 * SECOND - 1), "what was not used is not saved");
    assertTrue(allowance.allows(8 * SECOND));
    allowance.use(1_000, 8 * SECOND);
    allowance.lift();
    assertTrue(allowance.allows(8 * SECOND));
  }

  @Test
  void noBudgetAllowsEverything() {
    var allowance = new Allowance(0);
    allowance.use(Long.MAX_VALUE, 0);
    assertTrue(allowance.allows(0));
  }
}
