package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.node.bench.GpuBench.Way;
import io.pagoda.spi.device.Flow;
import io.pagoda.spi.tier.BatchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is told of paths that were measured in turns. */
class GpuCaseTest {
  private static final List<String> PATHS = List.of("kernel", "staged", "auto");

  private static GpuCase measured(String taken) {
    return new GpuCase(
        16 << 10, Way.OUT, 2, PATHS,
        List.of(List.of(20.0, 10.0, 20.0), List.of(40.0, 20.0, 42.0), List.of(20.0, 10.0, 20.0)),
        List.of(50.0, 25.0, 50.0), taken);
  }

  @Test
  void ratiosAreThoseOfTheSameRound() {
    List<BenchResult> results = measured("kernel").results(Map.of("staged", 3L));
    BenchResult auto = results.get(2);
    assertEquals(20.0, auto.gigabytesPerSecond().orElseThrow(), 1e-9);
    assertEquals(0.4, auto.ratio().orElseThrow(), 1e-9);
    assertEquals(0.5, auto.further().getOrDefault(GpuCase.OF_BEST, 0.0), 1e-9);
    assertEquals(0.5, auto.further().getOrDefault(GpuCase.TAKEN_OF_BEST, 0.0), 1e-9);
    assertEquals("kernel", auto.params().get("taken"));
    assertFalse(results.getFirst().further().containsKey(GpuCase.OF_BEST));
    assertEquals(10.0, auto.further().getOrDefault(GpuCase.LEAST, 0.0), 1e-9);
    assertTrue(auto.passed());
    assertFalse(results.get(1).passed(), "three bytes were wrong");
  }

  @Test
  void aChoiceThatChangedIsNotComparedAlone() {
    BenchResult auto = measured("kernel+staged").results(Map.of()).get(2);
    assertTrue(auto.further().containsKey(GpuCase.OF_BEST));
    assertFalse(auto.further().containsKey(GpuCase.TAKEN_OF_BEST));
  }

  @Test
  void aChoiceThatIsWorseThanTheBestPathMissesItsBar() {
    List<GpuBar> bars = GpuBar.of(measured("kernel").results(Map.of()));
    assertEquals(
        List.of("auto: >= 0.97 of the best path"),
        bars.stream().filter(bar -> !bar.met()).map(GpuBar::what).toList());
  }

  @Test
  void whatCarriedBytesSinceWasTaken() {
    List<Flow> before =
        List.of(new Flow("staged", true, 1, 100, 5), new Flow("kernel", true, 1, 9, 5));
    List<Flow> after = List.of(
        new Flow("staged", true, 2, 200, 5), new Flow("kernel", true, 1, 9, 5),
        new Flow("copy-engine", false, 1, 7, 5));
    assertEquals("copy-engine+staged", GpuRatios.taken(before, after));
  }

  @Test
  void allHaveTheirTurnsAndWhatIsFarTooSlowHasOne() {
    var done = CompletableFuture.completedFuture(BatchResult.COMPLETE);
    List<String> order = new ArrayList<>();
    AtomicLong clock = new AtomicLong();
    GpuRounds.Copy quick = in -> {
      order.add("quick " + in);
      clock.addAndGet(1_000);
      return done;
    };
    GpuRounds.Copy slow = in -> {
      order.add("slow " + in);
      clock.addAndGet(20_000_000);
      return done;
    };
    GpuRounds rounds = new GpuRounds(Way.BOTH, 1 << 20, 5, clock::get);
    List<List<Double>> rates = rounds.rates(List.of(slow, quick));
    assertEquals(List.of(1, 5), rates.stream().map(List::size).toList());
    assertEquals(2 + 1, order.stream().filter("slow true"::equals).count());
    assertEquals(2 + 5, order.stream().filter("quick false"::equals).count());
  }
}
