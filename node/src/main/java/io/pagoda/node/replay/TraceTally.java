package io.pagoda.node.replay;

import io.pagoda.Draft;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.core.trace.TraceLine;
import io.pagoda.node.replay.TracedJobs.Over;
import io.pagoda.node.trace.PagodaTrace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what became of the requests of a trace, and compares it with what had.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class TraceTally {
  /** Of thousands of differences some are enough. */
  private static final int KEPT_REMARKS = 8;

  private final List<String> tiers;
  private final boolean sameTiers;
  private final long blockBytes;
  private final int tokensPerBlock;
  private final Map<String, Long> hitsByTier = new LinkedHashMap<>();
  private final List<String> differences = new ArrayList<>();
  private final List<String> wrongBlocks = new ArrayList<>();
  private String where = "";
  private long requests;
  private long references;
  private long prefixHits;
  private long arrived;
  private long mismatches;
  private long shortFetches;
  private long failedFetches;
  private long shortPuts;
  private long failedPuts;
  private long outcomes;
  private long differing;
  private long skipped;
  private long dropped;

  /**
   * Creates a tally of nothing.
   *
   * @param tiers what the tiers are called
   * @param sameTiers whether the trace has the same, and tells of each
   * @param blockBytes bytes of a block
   * @param tokensPerBlock tokens of a block
   */
  TraceTally(List<String> tiers, boolean sameTiers, long blockBytes, int tokensPerBlock) {
    this.tiers = tiers;
    this.sameTiers = sameTiers;
    this.blockBytes = blockBytes;
    this.tokensPerBlock = tokensPerBlock;
    tiers.forEach(tier -> hitsByTier.put(tier, 0L));
  }

  /** Goes to a line of the trace. */
  void at(String place) {
    where = place;
  }

  long requests() {
    return requests;
  }

  void matched(TraceLine.Matched traced, Match found) {
    requests++;
    references += traced.keys().size();
    prefixHits += found.blocks();
    List<Integer> byTier = tiers.stream().map(found::blocksAt).toList();
    for (int i = 0; i < byTier.size(); i++) {
      hitsByTier.merge(tiers.get(i), (long) byTier.get(i), Long::sum);
    }
    boolean same = traced.found() == found.blocks();
    compare(
        same && !(sameTiers && !byTier.equals(traced.tiers())), "the match",
        traced.found() + " blocks, by tier " + traced.tiers(), found.blocks() + ", " + byTier);
  }

  void asked() {
    requests++;
  }

  void drafted(TraceLine.Drafted traced, Draft found) {
    requests++;
    compare(
        traced.found() == found.blocks(), "the draft", traced.found() + " blocks",
        found.blocks() + "");
  }

  /** Takes a job of which the trace says how it ended. */
  void ended(TraceLine.Ended traced, Over over) {
    Outcome outcome = over.outcome();
    boolean same = outcome.end() == traced.end() && outcome.blocks() == traced.blocks();
    compare(
        same, over.fetch() ? "the fetch" : "the job", traced.end() + " " + traced.blocks(),
        outcome.end() + " " + outcome.blocks() + " " + outcome.reason());
    count(over, traced.blocks() == 0);
  }

  /** Takes a job of which the trace does not say how it ended. */
  void ended(Over over) {
    count(over, false);
  }

  void finished(TraceLine.Finished traced, Outcome found) {
    compare(
        traced.blocks() == found.blocks(), "the end of the put", traced.blocks() + " blocks",
        found.blocks() + "");
  }

  private void count(Over over, boolean failedBefore) {
    int blocks = over.outcome().blocks();
    boolean failed = blocks == 0 && over.wanted() > 0 && !failedBefore;
    if (over.fetch()) {
      arrived += blocks;
      shortFetches += blocks < over.wanted() ? 1 : 0;
      failedFetches += failed ? 1 : 0;
    } else {
      shortPuts += blocks < over.wanted() ? 1 : 0;
      failedPuts += failed ? 1 : 0;
    }
    for (Mismatch mismatch : over.mismatches()) {
      mismatches++;
      remark(wrongBlocks, "%s: %s".formatted(where, mismatch));
    }
  }

  private void compare(boolean same, String what, String traced, String found) {
    outcomes++;
    if (!same) {
      differing++;
      remark(differences, "%s: %s had %s, and has %s".formatted(where, what, traced, found));
    }
  }

  private static void remark(List<String> remarks, String text) {
    if (remarks.size() < KEPT_REMARKS) {
      remarks.add(text);
    }
  }

  void skipped() {
    skipped++;
  }

  void dropped(long lines) {
    dropped += lines;
  }

  String progress() {
    return "%,d requests, %,d outcomes differ".formatted(requests, differing);
  }

  Counts counts() {
    return new Counts(
        requests, references, prefixHits, hitsByTier, references * tokensPerBlock,
        arrived * tokensPerBlock, arrived * blockBytes, mismatches, shortFetches, failedFetches,
        shortPuts, failedPuts);
  }

  /** {@return which blocks were wrong, for people} */
  List<String> remarks() {
    return wrongBlocks;
  }

  Reproduction reproduction(PagodaTrace trace, boolean sameStore) {
    return new Reproduction(
        outcomes, differing, skipped, dropped, trace.fromTheBeginning(), trace.torn(), sameStore,
        differences);
  }
}
