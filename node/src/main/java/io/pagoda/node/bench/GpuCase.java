package io.pagoda.node.bench;

import io.pagoda.node.bench.GpuBench.Way;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How the paths of a device copied chunks of one size one way, in the same rounds.
 *
 * @param chunk bytes of a chunk
 * @param way in which direction
 * @param ctas how many thread blocks the kernel had
 * @param paths what was measured, the planner's choice among it
 * @param rates of each path, in 10<sup>9</sup> bytes per second, by round
 * @param ceilings of one large copy, by round
 * @param taken which paths the planner's choice took
 */
record GpuCase(
    long chunk, Way way, int ctas, List<String> paths, List<List<Double>> rates,
    List<Double> ceilings, String taken) {
  /** The path that is the planner's choice. */
  static final String AUTO = "auto";

  /** What is called how the planner's choice compares with the best path, round by round. */
  static final String OF_BEST = "of_best";

  /** What is called how the path that it took, alone, compares with the best path. */
  static final String TAKEN_OF_BEST = "taken_of_best";

  /** What is called the best round of the least of a path's rounds, and of the most. */
  static final String LEAST = "least_gb_per_s";

  static final String MOST = "most_gb_per_s";

  /** {@return what is told of each path} */
  List<BenchResult> results(Map<String, Long> wrongBytes) {
    return IntStream.range(0, paths.size())
        .mapToObj(path -> result(path, wrongBytes.getOrDefault(paths.get(path), 0L)))
        .toList();
  }

  private BenchResult result(int path, long wrong) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("way", way.word());
    params.put("chunk", BenchResult.size(chunk));
    params.put("path", paths.get(path));
    params.put("ctas", ctas);
    List<Double> mine = rates.get(path);
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("rounds", (double) mine.size());
    further.put(LEAST, mine.stream().mapToDouble(rate -> rate).min().orElse(0));
    further.put(MOST, mine.stream().mapToDouble(rate -> rate).max().orElse(0));
    if (paths.get(path).equals(AUTO)) {
      params.put("taken", taken);
      compare(path, further);
    }
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        "gpu.chunks", params, OptionalDouble.empty(), OptionalDouble.of(Turns.median(mine)),
        OptionalDouble.of(ratio(mine, ceilings)), further);
  }

  private void compare(int auto, Map<String, Double> further) {
    IntStream.range(0, paths.size())
        .filter(path -> path != auto)
        .boxed()
        .max((a, b) -> Double.compare(Turns.median(rates.get(a)), Turns.median(rates.get(b))))
        .ifPresent(best -> {
          further.put(OF_BEST, ratio(rates.get(auto), rates.get(best)));
          int chosen = paths.indexOf(taken);
          if (chosen >= 0) {
            further.put(TAKEN_OF_BEST, ratio(rates.get(chosen), rates.get(best)));
          }
        });
  }

  /** {@return the median of the ratios of the rounds that both had} */
  static double ratio(List<Double> of, List<Double> by) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(of.size(), by.size()); i++) {
      ratios.add(of.get(i) / by.get(i));
    }
    return Turns.median(ratios);
  }
}
