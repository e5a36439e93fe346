package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.Put;
import io.pagoda.StoreStatistics;
import io.pagoda.core.StageTimes.Stage;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Planner;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.ExpiryQueue;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Priority;
import io.pagoda.core.run.Requests;
import io.pagoda.core.run.Requests.Planned;
import io.pagoda.core.run.Scheduler;
import io.pagoda.core.run.Workshop;
import io.pagoda.core.space.Space;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The store over a tier graph.
 *
 * <p>A request runs through {@code match}, {@code requests} (which takes pins and slots, and has
 * the hops planned) and {@code scheduler} (which runs them and commits what arrived). All three
 * belong to the conductor.
 */
public final class Engine implements BlockStore {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  /** Bytes of a hop at most: long enough to keep a disk busy, short enough to overlap. */
  private static final long HOP_BYTES = 8 << 20;

  private final TierGraph graph;
  private final Workshop workshop;
  private final StageTimes times;
  private final Conductor conductor;
  private final Ledger ledger;
  private final Requests requests;
  private final Scheduler scheduler;
  private final ExpiryQueue<EngineMatch> pins;
  private final long[] hits;

  /** How many entries the index has beyond the slots of all tiers, for blocks that are nowhere. */
  private final int maxGhosts;

  private boolean closed;

  Engine(TierGraph graph, EngineSettings settings, StageTimes times, Workshop workshop) {
    this.graph = graph;
    this.times = times;
    this.workshop = workshop;
    int tiers = graph.tiers().size();
    long slots = graph.tiers().stream().mapToLong(node -> node.tier().spec().slots()).sum();
    this.maxGhosts = Math.toIntExact(slots / 64 + 64);
    var index = new BlockIndex(tiers, Math.toIntExact(slots + maxGhosts));
    this.conductor = new Conductor(workshop::bug);
    this.ledger = new Ledger(index, new Space(index, graph), tiers);
    this.requests = new Requests(ledger, planner(graph.blockBytes()), graph.edges());
    this.scheduler = new Scheduler(conductor, ledger, graph, workshop, settings.jobTimeout());
    this.pins = new ExpiryQueue<>(conductor, workshop, settings.pinTimeout(), this::unpin);
    this.hits = new long[tiers];
  }

  /**
   * Opens a store. It owns the tiers of {@code graph} and closes them.
   *
   * @param graph the tiers and roads
   * @param settings how it behaves
   * @param times told how long each stage took
   */
  @SuppressWarnings("DoNotCallSuggester") // it will return
  public static BlockStore open(TierGraph graph, EngineSettings settings, StageTimes times) {
    return new Engine(graph, settings, times, new Threads(settings));
  }

  private static Planner planner(long blockBytes) {
    return new Planner(Math.toIntExact(Math.max(1, HOP_BYTES / blockBytes)));
  }

  @Override
  public Pool register(List<PoolPart> parts) {
    return new EnginePool(this, new PoolMemory(parts, graph.blockBytes()));
  }

  @Override
  public Match match(BlockKeys keys, Duration keep) {
    return conductor.call(() -> matched(keys));
  }

  @Override
  public Ending explain(BlockKeys keys) {
    throw new UnsupportedOperationException("soon");
  }

  @Override
  public Job prefetch(Match match, JobOptions options) {
    throw new UnsupportedOperationException("soon");
  }

  @Override
  public Draft draft(BlockKeys keys, Namespace namespace) {
    throw new UnsupportedOperationException("soon");
  }

  @Override
  public List<Job> put(Pool pool, List<Put> puts) {
    throw new UnsupportedOperationException("soon");
  }

  @Override
  public List<Job> fetch(Pool pool, List<Fetch> fetches) {
    return fetches.stream().map(f -> fetch(f.match(), pool, f.blocks())).toList();
  }

  private EngineMatch matched(BlockKeys keys) {
    checkOpen();
    long start = System.nanoTime();
    int[] found = new int[keys.size()];
    int blocks = ledger.index.match(keys, found);
    int[] entries = blocks == found.length ? found : Arrays.copyOf(found, blocks);
    int[] byTier = new int[hits.length];
    for (int entry : entries) {
      ledger.index.pin(entry);
      byTier[ledger.index.hottest(entry)]++;
    }
    var match = new EngineMatch(this, keys, entries, byTier);
    match.ticket = pins.enter(match);
    times.took(Stage.MATCH, System.nanoTime() - start);
    return match;
  }

  @Override
  public Job fetch(Match match, Pool pool, int... blocks) {
    EngineMatch mine = mine(match);
    EnginePool to = mine(pool);
    int[] into = Arrays.copyOf(blocks, Math.min(blocks.length, match.blocks()));
    to.memory.check(into, true);
    return conductor.call(() -> fetched(mine, to, into));
  }

  private Job fetched(EngineMatch match, EnginePool pool, int[] blocks) {
    checkUsable(pool);
    if (!match.open) {
      return new EndedJob(
          new Outcome(
              End.EXPIRED, 0, "the match was closed, fetched before, or kept beyond its timeout"));
    }
    long start = System.nanoTime();
    match.open = false;
    match.leave();
    Planned planned = requests.fetch(match.entries, blocks);
    countHits(match, planned.request().planned());
    times.took(Stage.PLAN, System.nanoTime() - start);
    return scheduler.start(planned.plan(), planned.request(), Priority.FETCH, pool.memory);
  }

  private void countHits(EngineMatch match, int planned) {
    for (int i = 0; i < planned; i++) {
      hits[ledger.index.hottest(match.entries[i])]++;
    }
  }

  @Override
  public Job put(BlockKeys keys, Pool pool, int[] blocks, JobOptions options) {
    EnginePool from = mine(pool);
    if (blocks.length != keys.size()) {
      throw new IllegalArgumentException(
          "Each key needs a pool block: %d keys, %d blocks".formatted(keys.size(), blocks.length));
    }
    int[] source = blocks.clone();
    from.memory.check(source, false);
    return conductor.call(() -> stored(keys, from, source));
  }

  private Job stored(BlockKeys keys, EnginePool pool, int[] blocks) {
    checkUsable(pool);
    if (ledger.index.ghosts() >= maxGhosts) {
      return new EndedJob(
          new Outcome(End.FAILED, 0, "too many matches keep blocks that are lost; close some"));
    }
    long start = System.nanoTime();
    Planned planned = requests.put(keys, blocks);
    times.took(Stage.PLAN, System.nanoTime() - start);
    return scheduler.start(planned.plan(), planned.request(), Priority.PUT, pool.memory);
  }

  @Override
  public StoreStatistics statistics() {
    return conductor.call(() -> Counts.of(graph, ledger, scheduler, hits));
  }

  @Override
  public void close() {
    boolean first = conductor.call(() -> {
      boolean opened = !closed;
      closed = true;
      scheduler.endAll(null, "the store was closed");
      return opened;
    });
    if (first) {
      awaitIdle();
      workshop.close();
      for (TierNode node : graph.tiers().reversed()) {
        node.tier().close();
      }
    }
  }

  /** Waits for the tiers to end what they are doing, but not longer than any job may take. */
  private void awaitIdle() {
    CompletableFuture<Boolean> idle = new CompletableFuture<>();
    conductor.execute(() -> scheduler.whenIdle(() -> idle.complete(true)));
    if (!workshop.await(idle)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Closing while {0} transfers have not ended within their timeout: a device hangs",
          scheduler.running());
    }
  }

  int tierNumber(String name) {
    for (int tier = 0; tier < graph.tiers().size(); tier++) {
      if (graph.tiers().get(tier).name().equals(name)) {
        return tier;
      }
    }
    throw new IllegalArgumentException(
        "No tier is called '%s'; there are %s"
            .formatted(name, graph.tiers().stream().map(TierNode::name).toList()));
  }

  /** {@return what is where; for tests} */
  Ledger ledger() {
    return ledger;
  }

  /** Closes a match. */
  void release(EngineMatch match) {
    conductor.execute(() -> {
      match.leave();
      unpin(match);
    });
  }

  private void unpin(EngineMatch match) {
    if (match.open) {
      match.open = false;
      ledger.unpin(match.entries, 0, match.entries.length);
    }
  }

  /** Forgets a pool, when nothing touches it any more. */
  void withdraw(EnginePool pool) {
    List<Job> left = conductor.call(() -> {
      pool.open = false;
      scheduler.endAll(pool.memory, "its pool was closed");
      return scheduler.unsettled(pool.memory);
    });
    CompletableFuture
        .allOf(
            left.stream()
                .map(Job::settled)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new))
        .join();
  }

  private void checkUsable(EnginePool pool) {
    checkOpen();
    if (!pool.open) {
      throw new IllegalStateException("The pool is closed");
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The store is closed");
    }
  }

  private EngineMatch mine(Match match) {
    if (match instanceof EngineMatch mine && mine.of(this)) {
      return mine;
    }
    throw new IllegalArgumentException("The match is not of this store");
  }

  private EnginePool mine(Pool pool) {
    if (pool instanceof EnginePool mine && mine.of(this)) {
      return mine;
    }
    throw new IllegalArgumentException("The pool is not of this store");
  }
}
