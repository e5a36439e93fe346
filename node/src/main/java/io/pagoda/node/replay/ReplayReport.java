package io.pagoda.node.replay;

import io.pagoda.StoreStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a replay measured.
 *
 * @param settings how it was run
 * @param counts what became of the requests
 * @param store what the store counted
 * @param latencies how long each stage took, in the order of a request's life
 * @param remarks some of what went wrong, for people
 * @param seconds how long it all took
 * @param peakResidentBytes the most memory that was resident at once, if the system tells
 * @param reproduction how it compares with a run that a store traced, if it repeated one
 */
public record ReplayReport(
    ReplaySettings settings, Counts counts, StoreStatistics store,
    Map<String, Percentiles> latencies, List<String> remarks, double seconds,
    Optional<Long> peakResidentBytes, Optional<Reproduction> reproduction) {

  /** {@return blocks that had to leave any tier} */
  public long evictions() {
    return store.tiers().stream().mapToLong(StoreStatistics.Tier::evictions).sum();
  }

  /**
   * {@return whether no byte was wrong and no fetch or put failed as a whole; those of a trace may,
   * as they may have when it was written}
   */
  public boolean passed() {
    boolean failed = counts.failedFetches() + counts.failedPuts() > 0;
    return counts.mismatches() == 0 && (reproduction.isPresent() || !failed);
  }
}
