package io.pagoda.node.replay;

import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.StoreStatistics;
import io.pagoda.core.trace.TraceLine;
import io.pagoda.node.text.Progress;
import io.pagoda.node.trace.PagodaTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/*
 * Lines are repeated in their order by one thread: what the callers of the traced store began is
 * begun, and where a job had ended its end is waited for. So who asked after that finds what the
 * traced caller found, and what ran at the same time runs at the same time.
 */
/**
 * Repeats what a store was asked, from the trace that it wrote, and compares what becomes of it.
 *
 * <p><b>Threads.</b> One at a time.
 */
public final class TraceReplay {
  private final BlockStore store;
  private final boolean sameStore;
  private final ReplaySettings settings;
  private final Latencies latencies;
  private final Progress progress;
  private final Map<Long, Match> matches = new HashMap<>();
  private final Map<Long, Draft> drafts = new HashMap<>();
  private final Map<Long, CompletionStage<Void>> resets = new HashMap<>();

  /**
   * Prepares a replay.
   *
   * @param store what to ask
   * @param sameStore whether it was opened as the trace says
   * @param settings how; callers are the trace's own
   * @param latencies what the store, too, reports its times to
   * @param progress shown while it runs
   */
  public TraceReplay(
      BlockStore store, boolean sameStore, ReplaySettings settings, Latencies latencies,
      Progress progress) {
    this.store = store;
    this.sameStore = sameStore;
    this.settings = settings;
    this.latencies = latencies;
    this.progress = progress;
  }

  /** Repeats every line, and reports. */
  public ReplayReport run(PagodaTrace trace, int tokensPerBlock) {
    List<String> tiers =
        store.statistics().tiers().stream().map(StoreStatistics.Tier::name).toList();
    var tally = new TraceTally(
        tiers, tiers.equals(trace.header().tiers()), settings.geometry().blockBytes(),
        tokensPerBlock);
    long start = System.nanoTime();
    try (var jobs = new TracedJobs(store, settings.geometry(), latencies)) {
      repeat(trace, tally, jobs, start);
      jobs.endAll().forEach(tally::ended);
    } finally {
      progress.done();
      matches.values().forEach(Match::close);
      drafts.values().forEach(Draft::close);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new ReplayReport(
        settings, tally.counts(), store.statistics(), latencies.byStage(), tally.remarks(), seconds,
        PeakMemory.residentBytes(), Optional.of(tally.reproduction(trace, sameStore)));
  }

  private void repeat(PagodaTrace trace, TraceTally tally, TracedJobs jobs, long start) {
    Optional<TraceLine> line = trace.next();
    while (line.isPresent() && tally.requests() < settings.limit()) {
      await(start + settings.pace().nanosUntil(Duration.ofNanos(1000 * line.get().at())));
      tally.at(trace.where());
      repeat(line.get(), tally, jobs);
      progress.at(trace.progress(), tally::progress);
      line = trace.next();
    }
  }

  private static void await(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new CancellationException("interrupted while requests were being repeated");
      }
    }
  }

  private void repeat(TraceLine line, TraceTally tally, TracedJobs jobs) {
    switch (line) {
      case TraceLine.Matched match -> {
        Match found = store.match(match.keys());
        tally.matched(match, found);
        matches.put(match.number(), found);
      }
      case TraceLine.Fetched fetch ->
        taken(fetch.matches(), matches, tally).ifPresent(all -> jobs.fetch(fetch, all));
      case TraceLine.Prefetched prefetch -> taken(List.of(prefetch.match()), matches, tally)
          .ifPresent(all -> jobs.prefetch(prefetch, all.getFirst()));
      case TraceLine.Put put -> {
        tally.asked();
        jobs.put(put);
      }
      case TraceLine.Drafted draft -> {
        Draft drafted = store.draft(draft.keys(), draft.namespace());
        tally.drafted(draft, drafted);
        drafts.put(draft.number(), drafted);
      }
      case TraceLine.Launched launch ->
        taken(launch.drafts(), drafts, tally).ifPresent(all -> jobs.launch(launch, all));
      case TraceLine.Closed close -> {
        close(matches.remove(close.number()));
        close(drafts.remove(close.number()));
      }
      case TraceLine.Cancelled cancel -> jobs.cancel(cancel.number());
      case TraceLine.Ended end -> jobs.end(end.number()).ifPresent(over -> tally.ended(end, over));
      case TraceLine.Finished finished -> finished(finished, jobs, tally);
      case TraceLine.Reset reset -> resets.put(reset.number(), store.reset());
      case TraceLine.Emptied emptied -> {
        CompletionStage<Void> emptying = resets.remove(emptied.number());
        if (emptying != null) {
          emptying.toCompletableFuture().join();
        }
      }
      case TraceLine.Dropped dropped -> tally.dropped(dropped.lines());
    }
  }

  private static void finished(TraceLine.Finished line, TracedJobs jobs, TraceTally tally) {
    Optional<Outcome> outcome = jobs.finish(line.number());
    outcome.ifPresent(found -> tally.finished(line, found));
  }

  /** {@return what a line refers to, all of it, or nothing} */
  private static <T> Optional<List<T>> taken(
      List<Long> numbers, Map<Long, T> from, TraceTally tally) {
    List<T> taken = new ArrayList<>();
    for (Long number : numbers) {
      T each = from.remove(number);
      if (each != null) {
        taken.add(each);
      }
    }
    if (taken.size() < numbers.size()) {
      tally.skipped();
      return Optional.empty();
    }
    return Optional.of(taken);
  }

  private static void close(@Nullable Object plan) {
    switch (plan) {
      case Match match -> match.close();
      case Draft draft -> draft.close();
      case null, default -> {}
    }
  }
}
