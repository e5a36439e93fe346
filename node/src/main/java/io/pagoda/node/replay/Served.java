package io.pagoda.node.replay;

import io.pagoda.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * What became of one request.
 *
 * @param request what was asked
 * @param matched how many leading blocks the store said it holds
 * @param matchedByTier how many of them at each tier, hottest first
 * @param fetch how the fetch ended, if there was anything to fetch
 * @param mismatches the blocks that arrived wrong
 * @param put how the put ended, if anything was missing
 */
record Served(
    Request request, int matched, List<Integer> matchedByTier, Optional<Outcome> fetch,
    List<Mismatch> mismatches, Optional<Outcome> put) {

  /** {@return how many leading blocks arrived} */
  int arrived() {
    return fetch.map(Outcome::blocks).orElse(0);
  }
}
