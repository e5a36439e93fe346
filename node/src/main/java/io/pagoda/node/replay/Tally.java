package io.pagoda.node.replay;

import io.pagoda.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what became of requests.
 *
 * <p><b>Threads.</b> Safe for use by many.
 */
final class Tally {
  /** Reasons may hold numbers, so there may be one for each request: some are enough. */
  private static final int KEPT_REMARKS = 8;

  private final List<String> tiers;
  private final long blockBytes;
  private final int tokensPerBlock;
  private final long[] hitsByTier;
  private final Map<String, Long> remarks = new LinkedHashMap<>();
  private final List<String> mismatchRemarks = new ArrayList<>();
  private long requests;
  private long references;
  private long prefixHits;
  private long tokens;
  private long tokensSaved;
  private long verifiedBytes;
  private long mismatches;
  private long shortFetches;
  private long failedFetches;
  private long shortPuts;
  private long failedPuts;

  Tally(List<String> tiers, long blockBytes, int tokensPerBlock) {
    this.tiers = List.copyOf(tiers);
    this.blockBytes = blockBytes;
    this.tokensPerBlock = tokensPerBlock;
    this.hitsByTier = new long[tiers.size()];
  }

  /** Adds one request. */
  synchronized void add(Served served) {
    Request request = served.request();
    requests++;
    references += request.keys().size();
    prefixHits += served.matched();
    for (int tier = 0; tier < hitsByTier.length; tier++) {
      hitsByTier[tier] += served.matchedByTier().get(tier);
    }
    tokens += request.tokens();
    tokensSaved += Math.min(request.tokens(), (long) served.arrived() * tokensPerBlock);
    addFetch(served);
    addPut(served);
  }

  private void addFetch(Served served) {
    verifiedBytes += served.arrived() * blockBytes;
    mismatches += served.mismatches().size();
    for (Mismatch mismatch : served.mismatches()) {
      if (mismatchRemarks.size() < KEPT_REMARKS) {
        mismatchRemarks.add("request %,d: %s".formatted(requests, mismatch));
      }
    }
    if (served.arrived() < served.matched()) {
      shortFetches++;
      failedFetches += served.arrived() == 0 ? 1 : 0;
      served.fetch().ifPresent(outcome -> remark("fetch", outcome));
    }
  }

  private void addPut(Served served) {
    served.put()
        .filter(outcome -> outcome.blocks() < served.request().keys().size())
        .ifPresent(this::addShortPut);
  }

  private void addShortPut(Outcome outcome) {
    shortPuts++;
    failedPuts += outcome.blocks() == 0 ? 1 : 0;
    remark("put", outcome);
  }

  private void remark(String stage, Outcome outcome) {
    String text = "%s %s: %s".formatted(stage, outcome.end(), outcome.reason());
    if (remarks.size() < KEPT_REMARKS || remarks.containsKey(text)) {
      remarks.merge(text, 1L, Long::sum);
    }
  }

  /** {@return the sums so far} */
  synchronized Counts counts() {
    return new Counts(
        requests, references, prefixHits, named(), tokens, tokensSaved, verifiedBytes, mismatches,
        shortFetches, failedFetches, shortPuts, failedPuts);
  }

  private Map<String, Long> named() {
    Map<String, Long> hits = new LinkedHashMap<>();
    for (int tier = 0; tier < hitsByTier.length; tier++) {
      hits.put(tiers.get(tier), hitsByTier[tier]);
    }
    return hits;
  }

  /** {@return some of what went wrong, for people: first the wrong blocks, then the short jobs} */
  synchronized List<String> remarks() {
    List<String> lines = new ArrayList<>(mismatchRemarks);
    remarks.forEach((text, times) -> lines.add("%s (%,d times)".formatted(text, times)));
    return lines;
  }
}
