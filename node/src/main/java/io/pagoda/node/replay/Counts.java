package io.pagoda.node.replay;

import java.util.Map;

/**
 * What became of all requests.
 *
 * @param requests how many there were
 * @param references blocks of all their prompts
 * @param prefixHits leading blocks that the store held when it was asked
 * @param hitsByTier those blocks by the hottest tier that held them, hottest tier first
 * @param tokens tokens of all prompts
 * @param tokensSaved tokens of the prefixes that arrived: nobody need compute them again
 * @param verifiedBytes bytes that arrived and were compared
 * @param mismatches blocks that arrived wrong
 * @param shortFetches fetches that brought fewer blocks than were matched
 * @param failedFetches those of them that brought none
 * @param shortPuts puts that stored only a part
 * @param failedPuts those of them that stored nothing
 */
public record Counts(
    long requests, long references, long prefixHits, Map<String, Long> hitsByTier, long tokens,
    long tokensSaved, long verifiedBytes, long mismatches, long shortFetches, long failedFetches,
    long shortPuts, long failedPuts) {

  /** {@return hits over references, 0 if nothing was asked for} */
  public double hitRatio() {
    return references == 0 ? 0 : (double) prefixHits / references;
  }
}
