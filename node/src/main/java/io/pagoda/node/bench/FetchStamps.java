package io.pagoda.node.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * When each stage of many fetches ended, in nanoseconds.
 *
 * <p><b>Threads.</b> Confined to one caller until its fetches are over.
 */
final class FetchStamps {
  /**
   * The stages of a fetch: tokens become keys; match returns; fetch returns; the job's outcome is
   * known to the store; the caller, who waited, runs again.
   */
  static final List<String> STAGES = List.of("hash", "match", "call", "move", "wake");

  private final long[][] spent;
  private final long[] whole;
  private final long[] copied;
  private int count;

  FetchStamps(int fetches) {
    spent = new long[STAGES.size()][fetches];
    whole = new long[fetches];
    copied = new long[fetches];
  }

  /**
   * Takes one fetch.
   *
   * @param stamps the time before the first stage, then at the end of each
   * @param copyNanos how long a bare copy of as many bytes took; 0 if nothing is to be subtracted
   */
  void take(long[] stamps, long copyNanos) {
    for (int stage = 0; stage < spent.length; stage++) {
      spent[stage][count] = stamps[stage + 1] - stamps[stage];
    }
    whole[count] = stamps[spent.length] - stamps[0];
    copied[count++] = copyNanos;
  }

  /** {@return the time of every fetch less that of its copy, sorted} */
  static long[] overheads(List<FetchStamps> callers) {
    return callers.stream().flatMapToLong(FetchStamps::overheads).sorted().toArray();
  }

  private LongStream overheads() {
    return IntStream.range(0, count).mapToLong(i -> whole[i] - copied[i]);
  }

  /** {@return the bare copies' time over the fetches' time} */
  static double share(List<FetchStamps> callers) {
    double copies = callers.stream().mapToLong(c -> Arrays.stream(c.copied).sum()).sum();
    return copies / callers.stream().mapToLong(c -> Arrays.stream(c.whole).sum()).sum();
  }

  /** {@return the median of each stage, by a name that ends in its unit} */
  static Map<String, Double> medians(List<FetchStamps> callers) {
    Map<String, Double> medians = new LinkedHashMap<>();
    for (int i = 0; i < STAGES.size(); i++) {
      int stage = i;
      long[] sorted = callers.stream()
          .flatMapToLong(caller -> Arrays.stream(caller.spent[stage], 0, caller.count))
          .sorted()
          .toArray();
      medians.put(STAGES.get(i) + "_ns", (double) sorted[sorted.length / 2]);
    }
    return medians;
  }
}
