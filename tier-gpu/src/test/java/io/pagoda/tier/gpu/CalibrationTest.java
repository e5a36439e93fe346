package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.device.Stripe;
import io.pagoda.tier.gpu.Calibration.Rate;
import io.pagoda.tier.gpu.Calibration.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which way is taken, whatever was measured. */
class CalibrationTest {
  private static final List<CopyPath> PATHS =
      List.of(CopyPath.KERNEL, CopyPath.STAGED, CopyPath.COPY_ENGINE);

  @TempDir Path directory = Path.of("");

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final List<Rate> rates = rates();
  private final Calibration calibration = new Calibration(rates);

  private List<Rate> rates() {
    List<Rate> made = new ArrayList<>();
    for (CopyPath path : PATHS) {
      var chunks = new TreeSet<Long>();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        chunks.add(random.nextLong(1, 4 << 20));
      }
      for (long chunk : chunks) {
        made.add(new Rate(path, chunk, rate(), rate(), rate()));
      }
    }
    Collections.shuffle(made, new Random(seed));
    return made;
  }

  private double rate() {
    return random.nextDouble(1, 60);
  }

  @RepeatedTest(300)
  void aWayIsAsFastAsMeasuredAndBetweenItsNeighboursElsewhere() {
    for (Rate rate : rates) {
      assertEquals(rate.in(), calibration.rate(rate.path(), rate.chunk(), Way.IN), 1e-9);
      assertEquals(rate.out(), calibration.rate(rate.path(), rate.chunk(), Way.OUT), 1e-9);
    }
    CopyPath path = PATHS.get(random.nextInt(3));
    long chunk = random.nextLong(1, 8 << 20);
    List<Rate> mine = calibration.rates().stream().filter(rate -> rate.path() == path).toList();
    Rate below = mine.stream()
        .filter(rate -> rate.chunk() <= chunk)
        .reduce((_, last) -> last)
        .orElse(mine.getFirst());
    Rate above =
        mine.stream().filter(rate -> rate.chunk() >= chunk).findFirst().orElse(mine.getLast());
    double found = calibration.rate(path, chunk, Way.IN);
    assertTrue(
        found >= Math.min(below.in(), above.in()) - 1e-9
            && found <= Math.max(below.in(), above.in()) + 1e-9,
        "%s of %d: %f; seed %d".formatted(path, chunk, found, seed));
  }

  @RepeatedTest(300)
  void theChosenWayIsNearlyAsGoodAsAnyInItsDirectionOrBoth() {
    long chunk = random.nextLong(1, 8 << 20);
    long range = random.nextLong(chunk, 32 << 20);
    boolean stages = random.nextBoolean();
    for (Way way : Way.values()) {
      CopyPath chosen = calibration.best(chunk, range, stages, way);
      double best = PATHS.stream()
          .filter(path -> path != CopyPath.COPY_ENGINE || chunk >= 32 << 10)
          .mapToDouble(path -> calibration.expected(path, chunk, range, stages, way))
          .max()
          .orElseThrow();
      assertTrue(
          calibration.expected(chosen, chunk, range, stages, way) >= 0.98 * best - 1e-9,
          "%s for %d of %d; seed %d".formatted(chosen, chunk, range, seed));
      assertTrue(stages || chosen != CopyPath.STAGED, "there are no stages; seed " + seed);
    }
  }

  @Test
  void withOneThreadBlockItMattersWhetherBlocksGoTheOtherWayToo() {
    var one = new Calibration(
        List.of(
            new Rate(CopyPath.KERNEL, 4096, 37, 42, 64),
            new Rate(CopyPath.STAGED, 4096, 45, 45, 90),
            new Rate(CopyPath.COPY_ENGINE, 16 << 10, 40, 50, 48),
            new Rate(CopyPath.COPY_ENGINE, 64 << 10, 53, 53, 75),
            new Rate(CopyPath.COPY_ENGINE, 1 << 20, 54, 54, 97)));
    for (boolean in : new boolean[] {true, false}) {
      assertTrue(one.choice(layers(64 << 10).shape(), true).depends(in));
      assertFalse(
          one.choice(layers(16 << 10).shape(), true).depends(in), "stages are best either way");
      assertFalse(one.choice(layers(1 << 20).shape(), true).depends(in), "copy engines are");
      assertFalse(Calibration.USUAL.choice(layers(64 << 10).shape(), true).depends(in));
      assertEquals(CopyPath.COPY_ENGINE, one.best(layers(64 << 10), true, Way.of(in, false)));
      assertEquals(CopyPath.STAGED, one.best(layers(64 << 10), true, Way.of(in, true)));
    }
  }

  private static View layers(long chunk) {
    List<Stripe> layers = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      layers.add(new Stripe((i + 1L) << 30, chunk, i * chunk, chunk));
    }
    return View.of(layers);
  }

  @RepeatedTest(100)
  void whatIsStagedGoesNoFasterThanItsRangesAndNotAtAllWithoutStages() {
    long chunk = random.nextLong(1, 8 << 20);
    long range = random.nextLong(chunk, 32 << 20);
    for (Way way : Way.values()) {
      double staged = calibration.expected(CopyPath.STAGED, chunk, range, true, way);
      assertTrue(
          staged <= calibration.rate(CopyPath.COPY_ENGINE, range, way) + 1e-9, "seed " + seed);
      assertTrue(staged <= calibration.rate(CopyPath.STAGED, chunk, way) + 1e-9, "seed " + seed);
      assertEquals(0, calibration.expected(CopyPath.STAGED, chunk, range, false, way));
    }
  }

  @RepeatedTest(50)
  void whatCanDoAsWellWithoutMultiprocessorsIsPreferred() {
    double rate = rate();
    double nearly = rate * random.nextDouble(0.981, 1);
    var alike = new Calibration(
        List.of(
            new Rate(CopyPath.KERNEL, 4096, rate, rate, rate),
            new Rate(CopyPath.STAGED, 4096, rate, rate, rate),
            new Rate(CopyPath.COPY_ENGINE, 4096, nearly, rate * 0.97, rate)));
    long large = random.nextLong(512 << 10, 8 << 20);
    assertEquals(CopyPath.COPY_ENGINE, alike.best(large, large, true, Way.IN), "seed " + seed);
    assertEquals(CopyPath.KERNEL, alike.best(large, large, true, Way.OUT), "ranges are as slow");
    long small = random.nextLong(1, 512 << 10);
    assertEquals(CopyPath.STAGED, alike.best(small, small, true, Way.IN), "fewer calls; " + seed);
  }

  @Test
  void whatIsSlowWithBothDirectionsIsNotTakenForBeingQuickAlone() {
    var one = new Calibration(
        List.of(
            new Rate(CopyPath.KERNEL, 4096, 50, 50, 60),
            new Rate(CopyPath.STAGED, 4096, 53, 53, 97),
            new Rate(CopyPath.COPY_ENGINE, 4096, 54, 54, 67),
            new Rate(CopyPath.COPY_ENGINE, 1 << 20, 54, 54, 97)));
    assertEquals(CopyPath.STAGED, one.best(4096, 1 << 20, true, Way.IN));
    assertEquals(CopyPath.COPY_ENGINE, one.best(1 << 20, 1 << 20, true, Way.BOTH));
  }

  @Test
  void anH200IsAsItWasMeasured() {
    View small = View.of(List.of(new Stripe(1 << 20, 4096, 0, 4096)));
    View large = View.of(List.of(new Stripe(1 << 20, 2 << 20, 0, 2 << 20)));
    View layers = layers(16 << 10);
    for (Way way : Way.values()) {
      assertEquals(CopyPath.KERNEL, Calibration.USUAL.best(small, true, way));
      assertEquals(CopyPath.COPY_ENGINE, Calibration.USUAL.best(large, true, way));
      assertEquals(CopyPath.STAGED, Calibration.USUAL.best(layers, true, way));
      assertEquals(CopyPath.KERNEL, Calibration.USUAL.best(layers, false, way));
    }
  }

  @Test
  void gridsAreTakenWhereTheyAreQuickerAndLargeEnough() {
    var one = new Calibration(
        List.of(
            new Rate(CopyPath.KERNEL, 4096, 37, 42, 64),
            new Rate(CopyPath.STAGED, 4096, 45, 45, 95),
            new Rate(CopyPath.COPY_ENGINE, 32 << 10, 45, 45, 60),
            new Rate(CopyPath.COPY_ENGINE, 1 << 20, 54, 54, 97),
            new Rate(CopyPath.GRID, 512 << 10, 43, 43, 55),
            new Rate(CopyPath.GRID, 2 << 20, 53, 44, 96),
            new Rate(CopyPath.GRID, 32 << 20, 54, 54, 97)));
    assertEquals(CopyPath.GRID, one.best(layers(13_107).shape(), true, Way.IN));
    assertEquals(CopyPath.STAGED, one.best(layers(13_107).shape(), true, Way.OUT), "slower");
    assertEquals(CopyPath.STAGED, one.best(layers(13_107).shape(), true, Way.BOTH), "as good");
    assertEquals(CopyPath.GRID, one.best(layers(200 << 10).shape(), true, Way.BOTH), "few calls");
    assertEquals(CopyPath.STAGED, one.best(layers(2048).shape(), true, Way.IN), "320 KiB a call");
    assertEquals(
        CopyPath.STAGED, one.best(32 << 10, 1 << 20, true, Way.IN), "nothing is known of grids");
  }

  @Test
  void ofTwoTimesEachDirectionHasItsBetter() {
    Rate once = new Rate(CopyPath.STAGED, 4096, 50.5, 54, 91);
    Rate again = new Rate(CopyPath.STAGED, 4096, 53.4, 53, 92);
    Rate better = new Rate(CopyPath.STAGED, 4096, 53.4, 54, 92);
    assertEquals(better, once.orBetter(again));
    assertEquals(better, again.orBetter(once));
  }

  @Test
  void aWayThatWasNotMeasuredIsRefused() {
    var thrown = assertThrows(
        IllegalArgumentException.class,
        () -> new Calibration(List.of(new Rate(CopyPath.KERNEL, 1, 1, 1, 1))));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("Nothing was measured"), thrown.getMessage());
  }

  @RepeatedTest(20)
  void aFileHoldsWhatWasMeasuredAndOnlyForTheSameDevice() {
    var file =
        new CalibrationFile(directory.resolve("cache").resolve("gpu.txt"), "GPU-1 cuda-13.0");
    assertEquals(Optional.empty(), file.read());
    file.write(calibration);
    Calibration read = file.read().orElseThrow();
    for (int i = 0; i < rates.size(); i++) {
      Rate expected = calibration.rates().get(i);
      assertEquals(expected.path(), read.rates().get(i).path());
      assertEquals(expected.chunk(), read.rates().get(i).chunk());
      assertEquals(expected.in(), read.rates().get(i).in(), 0.006);
      assertEquals(expected.out(), read.rates().get(i).out(), 0.006);
      assertEquals(expected.both(), read.rates().get(i).both(), 0.006);
    }
    var other = new CalibrationFile(file.path(), "GPU-1 cuda-13.1");
    assertEquals(Optional.empty(), other.read(), "another driver");
    other.write(Calibration.USUAL);
    assertNotEquals(Optional.empty(), other.read());
  }

  @Test
  void aFileThatWasDamagedIsMeasuredAgain() throws IOException {
    var file = new CalibrationFile(directory.resolve("gpu.txt"), "GPU-1");
    file.write(calibration);
    String whole = Files.readString(file.path());
    for (String bad : List.of(
        "", "x", "GPU-1\n", whole + "kernel 4096 NaN 1 1\n", whole + "kernel 4096\n",
        whole + "teleport 4096 1 1 1\n", whole.lines().findFirst().orElseThrow() + "\n")) {
      Files.writeString(file.path(), bad);
      assertEquals(Optional.empty(), file.read(), bad);
    }
  }
}
