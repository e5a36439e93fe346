package io.pagoda.core.trace;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.Put;
import io.pagoda.StoreStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A store that writes down what it is asked. What the trace cannot take is lost to the trace alone.
 */
public final class TracingStore implements BlockStore {
  private final BlockStore inner;
  private final List<String> tiers;
  private final TraceWriter writer;

  TracingStore(BlockStore inner, TraceWriter writer) {
    this.inner = inner;
    this.tiers = inner.statistics().tiers().stream().map(StoreStatistics.Tier::name).toList();
    this.writer = writer;
  }

  /**
   * Begins the trace of a store, which nobody has asked anything yet.
   *
   * @param inner the store; closed with this one
   * @param settings where the trace goes
   * @param header what is said of the store
   * @throws io.pagoda.PagodaException if the trace cannot be written
   */
  public static BlockStore open(BlockStore inner, TraceSettings settings, TraceHeader header) {
    return new TracingStore(inner, TraceWriter.open(settings, header));
  }

  @Override
  public Pool register(List<PoolPart> parts) {
    return inner.register(parts);
  }

  @Override
  public Match match(BlockKeys keys, Duration keep) {
    long start = System.nanoTime();
    Match match = inner.match(keys, keep);
    long end = System.nanoTime();
    List<Integer> byTier = new ArrayList<>(tiers.size());
    for (String tier : tiers) {
      byTier.add(match.blocksAt(tier));
    }
    long number = writer.numbers(1);
    writer.add(
        new TraceLine.Matched(
            number, writer.micros(start), keys, match.blocks(), byTier, (end - start) / 1000));
    return new TracedMatch(match, number, writer);
  }

  @Override
  public Ending explain(BlockKeys keys) {
    return inner.explain(keys);
  }

  @Override
  public List<Job> fetch(Pool pool, List<Fetch> fetches) {
    long at = writer.micros();
    List<Fetch> theirs = new ArrayList<>(fetches.size());
    List<Long> matches = new ArrayList<>(fetches.size());
    List<Integer> blocks = new ArrayList<>(fetches.size());
    for (Fetch fetch : fetches) {
      TracedMatch match = mine(fetch.match());
      theirs.add(new Fetch(match.inner(), fetch.blocks(), fetch.options()));
      matches.add(match.number());
      blocks.add(Math.min(fetch.blocks().length, match.blocks()));
    }
    List<Job> jobs = inner.fetch(pool, theirs);
    long number = writer.numbers(jobs.size());
    writer.add(new TraceLine.Fetched(number, at, matches, blocks));
    return traced(jobs, number, at, false);
  }

  @Override
  public Job prefetch(Match match, JobOptions options) {
    long at = writer.micros();
    TracedMatch mine = mine(match);
    Job job = inner.prefetch(mine.inner(), options);
    long number = writer.numbers(1);
    writer.add(new TraceLine.Prefetched(number, at, mine.number()));
    return new TracedJob(job, number, at, false, writer);
  }

  @Override
  public Draft draft(BlockKeys keys, Namespace namespace) {
    long at = writer.micros();
    Draft draft = inner.draft(keys, namespace);
    long number = writer.numbers(1);
    writer.add(new TraceLine.Drafted(number, at, keys, namespace, draft.blocks()));
    return new TracedDraft(draft, number, writer);
  }

  @Override
  public Job put(BlockKeys keys, Pool pool, int[] blocks, JobOptions options) {
    long at = writer.micros();
    Job job = inner.put(keys, pool, blocks, options);
    long number = writer.numbers(1);
    writer.add(new TraceLine.Put(number, at, keys, options.namespace()));
    return new TracedJob(job, number, at, true, writer);
  }

  @Override
  public List<Job> put(Pool pool, List<Put> puts) {
    long at = writer.micros();
    List<Put> theirs = new ArrayList<>(puts.size());
    List<Long> drafts = new ArrayList<>(puts.size());
    for (Put put : puts) {
      TracedDraft draft = mine(put.draft());
      theirs.add(new Put(draft.inner(), put.blocks(), put.options()));
      drafts.add(draft.number());
    }
    List<Job> jobs = inner.put(pool, theirs);
    long number = writer.numbers(jobs.size());
    writer.add(new TraceLine.Launched(number, at, drafts));
    return traced(jobs, number, at, true);
  }

  private List<Job> traced(List<Job> jobs, long first, long at, boolean put) {
    List<Job> traced = new ArrayList<>(jobs.size());
    for (int i = 0; i < jobs.size(); i++) {
      traced.add(new TracedJob(jobs.get(i), first + i, at, put, writer));
    }
    return traced;
  }

  @Override
  public CompletionStage<Void> reset() {
    long number = writer.numbers(1);
    writer.add(new TraceLine.Reset(number, writer.micros()));
    return inner.reset().thenRun(() -> writer.add(new TraceLine.Emptied(number, writer.micros())));
  }

  @Override
  public StoreStatistics statistics() {
    return inner.statistics().with(writer.statistics());
  }

  @Override
  public void close() {
    inner.close();
    writer.close();
  }

  private TracedMatch mine(Match match) {
    if (match instanceof TracedMatch mine && mine.writer() == writer) {
      return mine;
    }
    throw new IllegalArgumentException("The match is not of this store");
  }

  private TracedDraft mine(Draft draft) {
    if (draft instanceof TracedDraft mine && mine.writer() == writer) {
      return mine;
    }
    throw new IllegalArgumentException("The draft is not of this store");
  }
}
