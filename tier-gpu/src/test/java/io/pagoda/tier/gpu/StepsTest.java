package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class StepsTest {
  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @RepeatedTest(200)
  void everyBlockGoesOnceAndNoStageIsTooLarge() {
    int all = random.nextInt(1, 5000);
    long blockBytes = random.nextLong(1, 64 << 20);
    int most = random.nextInt(1, 300);
    List<Integer> steps = Steps.of(all, blockBytes, most);
    assertEquals(all, steps.stream().mapToInt(step -> step).sum(), "seed " + seed);
    assertTrue(
        steps.stream().allMatch(step -> step >= 1 && step <= most), steps + "; seed " + seed);
  }

  @Test
  void bothEndsAreSmall() {
    assertEquals(List.of(2, 4, 8, 16, 16, 8, 4, 2), Steps.of(60, 5 << 19, 19));
    assertEquals(List.of(2, 4, 8, 16, 19, 1, 16, 8, 4, 2), Steps.of(80, 5 << 19, 19));
    assertEquals(List.of(2, 1, 2), Steps.of(5, 5 << 19, 19));
    assertEquals(List.of(1), Steps.of(1, 5 << 19, 19));
  }

  @RepeatedTest(100)
  void evenStepsHaveAllBlocksAndDifferByOne() {
    int all = random.nextInt(1, 5_000);
    long block = random.nextLong(1, 64 << 20);
    int most = random.nextInt(1, 300);
    var steps = Steps.even(all, block, most);
    int least = steps.stream().mapToInt(step -> step).min().orElse(0);
    int largest = steps.stream().mapToInt(step -> step).max().orElse(0);
    String what = "%d of %d, %d: %s".formatted(all, block, most, steps);
    assertEquals(all, steps.stream().mapToInt(step -> step).sum(), what);
    assertTrue(least >= 1 && largest <= most && largest - least <= 1, what);
    assertTrue(largest == 1 || largest * block <= 16 << 20, what);
  }
}
