package io.pagoda.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.node.trace.TraceFormat;
import io.pagoda.node.trace.TraceReader;
import io.pagoda.node.trace.Traces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class HitCurveTest {
  /** Plainly what a store does: the set is in the order of use, the coldest first. */
  private static final class Lru {
    private final LinkedHashSet<Long> blocks = new LinkedHashSet<>();
    private final int capacity;
    private long hits;

    Lru(int capacity) {
      this.capacity = capacity;
    }

    void serve(long[] request) {
      int hit = 0;
      while (hit < request.length && blocks.contains(request[hit])) {
        hit++;
      }
      hits += hit;
      for (int i = request.length - 1; i >= 0; i--) {
        blocks.remove(request[i]);
        blocks.addLast(request[i]);
        if (blocks.size() > capacity) {
          blocks.removeFirst();
        }
      }
    }
  }

  private static HitCurve curve(List<long[]> requests) {
    HitCurve.Builder builder = new HitCurve.Builder();
    requests.forEach(builder::add);
    return builder.build();
  }

  /** Requests that continue a prefix of a former one, or begin anew; some are empty. */
  private static List<long[]> requests(SplittableRandom random) {
    List<long[]> requests = new ArrayList<>(List.of(new long[0]));
    long next = random.nextLong();
    int count = 1 + random.nextInt(300);
    for (int i = 0; i < count; i++) {
      long[] former = requests.get(random.nextInt(requests.size()));
      int kept = random.nextInt(Math.min(former.length, 30) + 1);
      long[] request = new long[kept + random.nextInt(8)];
      System.arraycopy(former, 0, request, 0, kept);
      for (int j = kept; j < request.length; j++) {
        request[j] = next++;
      }
      requests.add(request);
    }
    return requests;
  }

  @RepeatedTest(40)
  void agreesWithAStoreOfEveryCapacity(RepetitionInfo repetition) {
    long seed = Long.getLong("pagoda.seed", 0) + repetition.getCurrentRepetition();
    List<long[]> requests = requests(new SplittableRandom(seed));
    HitCurve curve = curve(requests);
    long references = requests.stream().mapToLong(request -> request.length).sum();
    assertEquals(references, curve.references(), () -> "seed " + seed);
    assertEquals(requests.size(), curve.requests());
    for (int capacity = 0; capacity <= curve.enough() + 2; capacity++) {
      Lru store = new Lru(capacity);
      requests.forEach(store::serve);
      int at = capacity;
      assertEquals(
          references == 0 ? 0 : (double) store.hits / references, curve.hitRatio(capacity), 1e-12,
          () -> "seed " + seed + ", capacity " + at);
    }
  }

  @RepeatedTest(5)
  void distancesAreRightBeyondARenumbering(RepetitionInfo repetition) {
    long seed = Long.getLong("pagoda.seed", 0) + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    StackDistances distances = new StackDistances();
    List<Long> stack = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      long block = random.nextInt(1 + random.nextInt(900));
      int expected = stack.indexOf(block);
      assertEquals(
          expected < 0 ? StackDistances.NEVER : expected, distances.distance(block),
          () -> "seed " + seed);
      stack.remove(block);
      stack.addFirst(block);
      distances.use(block);
      assertEquals(stack.size(), distances.blocks());
    }
  }

  @RepeatedTest(10)
  void theSmallestCapacityIsTheSmallest(RepetitionInfo repetition) {
    long seed = Long.getLong("pagoda.seed", 0) + repetition.getCurrentRepetition();
    HitCurve curve = curve(requests(new SplittableRandom(seed)));
    for (double share : new double[] {.5, .75, .9, .95, .99, 1}) {
      int capacity = curve.smallestFor(share);
      assertTrue(curve.shareOfBest(capacity) >= share - 1e-12, () -> "seed " + seed);
      assertTrue(capacity == 0 || curve.shareOfBest(capacity - 1) < share, () -> "seed " + seed);
    }
  }

  /** A request that is longer than the store leaves its beginning there. */
  @Test
  void aLongRequestKeepsItsPrefix() {
    long[] request = {1, 2, 3, 4, 5};
    HitCurve curve = curve(List.of(request, request));
    assertEquals(.2, curve.hitRatio(2));
    assertEquals(.5, curve.hitRatio(5));
    assertEquals(.5, curve.bestRatio());
    assertEquals(5, curve.distinct());
  }

  @Test
  void nothingIsHitInAnEmptyTrace() {
    HitCurve curve = curve(List.of());
    assertEquals(0, curve.hitRatio(100));
    assertEquals(0, curve.smallestFor(.5));
    assertEquals(1, curve.shareOfBest(0));
  }

  /** The ratios are those that the engine has had when it replayed the trace. */
  @Test
  void agreesWithTheEngineOnMooncakesConversations() {
    Path trace = Traces.conversations();
    HitCurve.Builder builder = new HitCurve.Builder();
    try (TraceReader reader = TraceReader.open(trace, TraceFormat.MOONCAKE)) {
      for (var line = reader.next(); line.isPresent(); line = reader.next()) {
        builder.add(line.get().hashIds().stream().mapToLong(Long::longValue).toArray());
      }
    }
    HitCurve curve = builder.build();
    int[] capacities = {1_000, 3_000, 5_859, 10_000, 30_000, 50_000, 97_656};
    double[] ratios = {.0445, .0653, .1361, .2116, .3257, .3546, .3635};
    for (int i = 0; i < capacities.length; i++) {
      assertEquals(ratios[i], curve.hitRatio(capacities[i]), .0015, "capacity " + capacities[i]);
    }
  }
}
