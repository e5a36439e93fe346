package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Ending.Cause;
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
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Operation;
import io.pagoda.core.StageTimes.Stage;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.observe.ByTier;
import io.pagoda.core.observe.MatchEvent;
import io.pagoda.core.observe.TierUsageEvent;
import io.pagoda.core.peer.Lender;
import io.pagoda.core.plan.Planner;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.revive.Revival;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Durables;
import io.pagoda.core.run.EndedJob;
import io.pagoda.core.run.ExpiryQueue;
import io.pagoda.core.run.Health;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Plans;
import io.pagoda.core.run.Priority;
import io.pagoda.core.run.Requests;
import io.pagoda.core.run.Scrub;
import io.pagoda.core.run.SharedTiers;
import io.pagoda.core.run.Taken;
import io.pagoda.core.run.Task;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.run.Thrift;
import io.pagoda.core.run.Workshop;
import io.pagoda.core.space.Space;
import io.pagoda.spi.device.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The store over a tier graph.
 *
 * <p>A request runs through {@code match}, {@code requests} (which takes pins and slots, and has
 * the hops planned) and {@code scheduler} (which runs them and commits what arrived). All three
 * belong to the conductor.
 */
public final class Engine implements BlockStore {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  private static final Job EXPIRED_MATCH = new EndedJob(
      new Outcome(
          End.EXPIRED, 0, "the match was closed, fetched before, or kept beyond its timeout"));

  private static final Job EXPIRED_DRAFT = new EndedJob(
      new Outcome(End.EXPIRED, 0, "the draft was closed, put before, or kept beyond its timeout"));

  private final TierGraph graph;
  private final Workshop workshop;
  private final StageTimes times;
  private final Conductor conductor;
  private final SharedTiers shared;
  private final Ledger ledger;
  private final Requests requests;
  private final Tasks tasks;
  private final Durables durables;
  private final Health health;
  private final Scrub scrub;
  private final Discovery discovery;
  private final Lives lives;
  private final HubLending lending;
  private final EngineSettings settings;
  private final ExpiryQueue<EngineMatch> pins;
  private final ExpiryQueue<EngineDraft> drafts;
  private final List<Device> devices = new ArrayList<>();
  private final long[] matched;
  private final long[] hits;
  private final int[] revived;

  /** How many entries the index has beyond the slots of all tiers, for blocks that are nowhere. */
  private final int maxGhosts;

  private Consumer<String> alarm = text -> LOG.log(System.Logger.Level.ERROR, text);

  /** Called by the flight recorder now and then, if it is on. */
  private final Runnable usage;

  private boolean closed;

  /** How many resets wait for what runs. */
  private int resets;

  Engine(TierGraph graph, EngineSettings settings, StageTimes times, Workshop workshop) {
    this.graph = graph;
    this.times = times;
    this.workshop = workshop;
    int tiers = graph.tiers().size();
    long slots = graph.tiers().stream().mapToLong(node -> node.tier().spec().slots()).sum();
    this.maxGhosts = Math.toIntExact(slots / 64 + 64);
    int sections = graph.sections().count();
    var index = new BlockIndex(tiers, Math.toIntExact(slots + maxGhosts), sections);
    var space =
        new Space(index, graph, settings.quotas(), () -> workshop.nanoTime() / 1_000_000_000);
    this.settings = settings;
    this.conductor = new Conductor(workshop::bug);
    this.shared = new SharedTiers(conductor, graph.tiers(), index, space);
    this.ledger = new Ledger(index, space, tiers, shared);
    var thrift = new Thrift(settings.reach(), graph, workshop::nanoTime);
    this.requests = new Requests(ledger, graph.edges(), thrift);
    this.durables = new Durables(conductor, graph.tiers(), space);
    this.health = new Health(conductor, graph.tiers(), ledger, durables, settings.care(), workshop);
    int hopBlocks = Math.toIntExact(Math.max(1, workshop.hopBytes() / graph.blockBytes()));
    var plans = new Plans(new Planner(hopBlocks, shared.groups()), sections, shared::has);
    this.tasks = new Tasks(
        conductor, ledger, requests, plans, graph, workshop, health, settings.jobTimeout());
    this.lives = new Lives(conductor, workshop, space, tasks);
    thrift.serve(tasks.lanes(), tasks.meter());
    this.pins = new ExpiryQueue<>(conductor, workshop, this::unpin);
    this.drafts = new ExpiryQueue<>(conductor, workshop, this::abandon);
    this.matched = new long[tiers];
    this.hits = new long[tiers];
    this.revived = Revival.run(graph, index, space, durables::giveUp);
    shared.join(graph.sections().sealShape());
    this.discovery =
        new Discovery(conductor, index, shared, settings.reach().lookUp(), () -> resets > 0);
    this.usage = this::tellUsage;
    this.scrub = new Scrub(conductor, graph, ledger, health, workshop, tasks.lanes());
    this.lending = new HubLending(
        conductor, ledger, graph, workshop.checksums(), new Ascent(conductor, ledger, tasks),
        () -> closed || resets > 0);
  }

  /**
   * Opens a store. It owns the tiers of {@code graph} and closes them.
   *
   * @param graph the tiers and roads
   * @param settings how it behaves
   * @param times told how long each stage took
   */
  @SuppressWarnings("DoNotCallSuggester") // it will return
  public static Engine open(TierGraph graph, EngineSettings settings, StageTimes times) {
    return open(graph, List.of(), settings, times);
  }

  /**
   * Opens a store whose callers may have their memory on devices. It owns the tiers of {@code
   * graph} and the devices, and closes them.
   *
   * @param graph the tiers and roads
   * @param devices whose memory pools may be in
   * @param settings how it behaves
   * @param times told how long each stage took
   */
  @SuppressWarnings("DoNotCallSuggester") // it will return
  public static Engine open(
      TierGraph graph, List<Device> devices, EngineSettings settings, StageTimes times) {
    var threads = new Threads(settings);
    try {
      var engine = new Engine(graph, settings, times, threads);
      graph.introduce();
      devices.forEach(engine::lend);
      FlightRecorder.addPeriodicEvent(TierUsageEvent.class, engine.usage);
      return engine;
    } catch (RuntimeException | Error e) {
      threads.close();
      throw e;
    }
  }

  @Override
  public Pool register(List<PoolPart> parts) {
    return new EnginePool(this, new PoolMemory(parts, graph.sections(), this::device));
  }

  /** {@return who lends blocks of the hub to other stores} */
  public Lender lender(double share) {
    return lending.upTo(share);
  }

  /** Takes a device over, and has it read and write the hub itself. */
  private void lend(Device device) {
    devices.add(device);
    device.pin(graph.hubMemory().memory());
  }

  private Device device(String uuid) {
    return devices.stream()
        .filter(device -> device.uuid().equals(uuid))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(
                "The store has no device %s, but %s; name it among the devices of its configuration"
                    .formatted(uuid, devices.isEmpty() ? "none" : devices)));
  }

  @Override
  public Match match(BlockKeys keys, Duration keep) {
    discovery.seek(keys);
    return conductor.call(() -> matched(keys, keep.isZero() ? settings.pinTimeout() : keep));
  }

  private EngineMatch matched(BlockKeys keys, Duration keep) {
    checkOpen();
    long start = System.nanoTime();
    var event = new MatchEvent();
    event.begin();
    int[] found = new int[keys.size()];
    int blocks = resets > 0 ? 0 : ledger.index.match(keys, found);
    int[] entries = blocks == found.length ? found : Arrays.copyOf(found, blocks);
    int[] byTier = new int[hits.length];
    for (int entry : entries) {
      ledger.index.pin(entry);
    }
    ledger.index.countHottest(entries, blocks, byTier);
    for (int tier = 0; tier < byTier.length; tier++) {
      matched[tier] += byTier[tier];
    }
    tasks.meter().add(JobCount.ASKED, keys.size());
    var match = new EngineMatch(this, keys, entries, byTier);
    match.ticket = pins.enter(match, keep);
    took(Operation.MATCH, start);
    event.end();
    if (event.shouldCommit()) {
      event.found(keys.size(), blocks, ByTier.text(graph.tiers(), byTier));
    }
    return match;
  }

  @Override
  public Ending explain(BlockKeys keys) {
    return conductor.call(
        () -> resets > 0 && keys.size() > 0
            ? new Ending(0, Cause.NEVER_STORED, "")
            : ledger.explain(keys, graph.names()));
  }

  @Override
  public List<Job> fetch(Pool pool, List<Fetch> fetches) {
    EnginePool to = mine(pool);
    List<int[]> into = new ArrayList<>();
    for (Fetch fetch : fetches) {
      int blocks = Math.min(fetch.blocks().length, mine(fetch.match()).blocks());
      into.add(Arrays.copyOf(fetch.blocks(), blocks));
      to.memory.check(fetch.options().order());
    }
    to.memory.check(into, true);
    return conductor.call(() -> fetched(fetches, to, into));
  }

  private List<Job> fetched(List<Fetch> fetches, EnginePool pool, List<int[]> into) {
    checkUsable(pool);
    long start = System.nanoTime();
    List<Job> jobs = new ArrayList<>();
    List<Task> tasks = new ArrayList<>();
    List<int[]> entries = new ArrayList<>();
    for (int i = 0; i < into.size(); i++) {
      EngineMatch match = mine(fetches.get(i).match());
      if (!take(match)) {
        jobs.add(EXPIRED_MATCH);
        continue;
      }
      int[] blocks = into.get(i);
      countHits(match, blocks.length);
      Task task = this.tasks
          .task(Priority.FETCH, pool.memory, blocks, blocks.length, fetches.get(i).options());
      tasks.add(task);
      entries.add(match.entries);
      jobs.add(task);
    }
    if (!tasks.isEmpty()) {
      this.tasks.fetch(tasks, entries);
    }
    took(Operation.PLAN, start);
    return jobs;
  }

  private void tellUsage() {
    statistics().tiers().forEach(TierUsageEvent::tell);
  }

  private void took(Operation operation, long start) {
    long nanos = System.nanoTime() - start;
    tasks.meter().took(operation, nanos);
    times.took(operation == Operation.MATCH ? Stage.MATCH : Stage.PLAN, nanos);
  }

  private static boolean take(EngineMatch match) {
    boolean open = match.open;
    match.open = false;
    match.leave();
    return open;
  }

  private void countHits(EngineMatch match, int wanted) {
    int[] byTier = new int[hits.length];
    ledger.index.countHottest(match.entries, wanted, byTier);
    for (int tier = 0; tier < byTier.length; tier++) {
      hits[tier] += byTier[tier];
    }
  }

  @Override
  public Job prefetch(Match match, JobOptions options) {
    EngineMatch mine = mine(match);
    return conductor.call(() -> {
      checkOpen();
      if (!take(mine)) {
        return EXPIRED_MATCH;
      }
      Task task = tasks.task(Priority.PREFETCH, null, new int[0], mine.entries.length, options);
      tasks.prefetch(task, mine.entries);
      return task;
    });
  }

  @Override
  public Draft draft(BlockKeys keys, Namespace namespace) {
    return conductor.call(() -> {
      checkOpen();
      var draft = new EngineDraft(this, keys, taken(keys, namespace));
      draft.ticket = drafts.enter(draft, settings.pinTimeout());
      return draft;
    });
  }

  private Taken taken(BlockKeys keys, Namespace namespace) {
    String refusal = resets > 0
        ? "the store is being reset"
        : ledger.index.ghosts() < maxGhosts
            ? ""
            : "too many matches keep blocks that are lost; close some";
    Taken taken = refusal.isEmpty()
        ? requests.put(keys, namespace)
        : requests.put(keys.prefix(0), namespace).because(refusal);
    lives.watch();
    return taken;
  }

  @Override
  public Job put(BlockKeys keys, Pool pool, int[] blocks, JobOptions options) {
    EnginePool from = mine(pool);
    int[] source = checked(keys, from, blocks);
    from.memory.check(options.order());
    return conductor.call(() -> {
      checkUsable(from);
      long start = System.nanoTime();
      Taken taken = taken(keys, options.namespace());
      Task task = putTask(from, source, options);
      tasks.put(task, taken);
      took(Operation.PLAN, start);
      return task;
    });
  }

  @Override
  public List<Job> put(Pool pool, List<Put> puts) {
    EnginePool from = mine(pool);
    List<int[]> sources = new ArrayList<>();
    for (Put put : puts) {
      sources.add(checked(mine(put.draft()).keys(), from, put.blocks()));
      from.memory.check(put.options().order());
    }
    return conductor.call(() -> stored(puts, from, sources));
  }

  private List<Job> stored(List<Put> puts, EnginePool pool, List<int[]> sources) {
    checkUsable(pool);
    List<Job> jobs = new ArrayList<>();
    List<Task> started = new ArrayList<>();
    List<Taken> taken = new ArrayList<>();
    for (int i = 0; i < puts.size(); i++) {
      EngineDraft draft = mine(puts.get(i).draft());
      if (!draft.open) {
        jobs.add(EXPIRED_DRAFT);
        continue;
      }
      draft.open = false;
      draft.leave();
      Task task = putTask(pool, sources.get(i), puts.get(i).options());
      started.add(task);
      taken.add(draft.taken);
      jobs.add(task);
    }
    if (!started.isEmpty()) {
      tasks.put(started, taken);
    }
    return jobs;
  }

  private Task putTask(EnginePool pool, int[] source, JobOptions options) {
    return tasks.task(Priority.PUT, pool.memory, source, source.length, options);
  }

  private static int[] checked(BlockKeys keys, EnginePool pool, int[] blocks) {
    if (blocks.length != keys.size()) {
      throw new IllegalArgumentException(
          "Each key needs a pool block: %d keys, %d blocks".formatted(keys.size(), blocks.length));
    }
    pool.memory.check(List.of(blocks), false);
    return blocks.clone();
  }

  @Override
  public CompletionStage<Void> reset() {
    var gone = new CompletableFuture<Void>();
    conductor.execute(() -> {
      resets++;
      shared.disbelieve();
      pins.expireAll();
      drafts.expireAll();
      tasks.endAll(null, "the store was reset");
      tasks.whenIdle(
          () -> conductor.execute(() -> scrub.whenQuiet(() -> lending.recall(() -> empty(gone)))));
    });
    return gone.minimalCompletionStage();
  }

  private void empty(CompletableFuture<Void> gone) {
    durables.dropAll()
        .whenComplete((_, failure) -> conductor.execute(() -> emptied(gone, failure)));
  }

  private void emptied(CompletableFuture<Void> gone, @Nullable Throwable failure) {
    resets--;
    conductor.announce(() -> {
      if (failure == null) {
        gone.complete(null);
      } else {
        gone.completeExceptionally(failure);
      }
    });
  }

  @Override
  public StoreStatistics statistics() {
    return conductor.call(
        () -> new Counts(graph, ledger, tasks, health, scrub, devices, lending)
            .statistics(matched, hits, revived));
  }

  @Override
  public void close() {
    boolean first = conductor.call(() -> {
      boolean opened = !closed;
      closed = true;
      pins.expireAll();
      drafts.expireAll();
      tasks.endAll(null, "the store was closed");
      scrub.close();
      tasks.lanes().lift();
      return opened;
    });
    if (first) {
      FlightRecorder.removePeriodicEvent(usage);
      var closing = new Closing(graph, settings.care().timeout(), alarm);
      closing.awaitIdle(conductor, tasks, workshop);
      workshop.close();
      devices.forEach(Device::close); // before the memory that they have pinned
      closing.run(tier -> conductor.call(() -> health.unanswered(tier)));
    }
  }

  int tierNumber(String name) {
    return graph.number(name);
  }

  /** {@return who takes tiers out and puts others in while the store serves} */
  public Seats seats() {
    return new Seats(
        conductor, graph, ledger, health, scrub, tasks, () -> closed, () -> closed || resets > 0);
  }

  /** Has somebody else told what would be logged as an error; for tests. */
  void onAlarm(Consumer<String> listener) {
    alarm = listener;
  }

  /** {@return what a question finds in the ledger, while no task changes it; for tests} */
  <T> T look(Function<Ledger, T> question) {
    return conductor.call(() -> question.apply(ledger));
  }

  /** {@return whether nothing runs, and nobody waits; for tests} */
  boolean idle() {
    return conductor.call(tasks::idle);
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
      tasks.roomMade();
    }
  }

  /** Closes a draft. */
  void release(EngineDraft draft) {
    conductor.execute(() -> {
      draft.leave();
      abandon(draft);
    });
  }

  private void abandon(EngineDraft draft) {
    if (draft.open) {
      draft.open = false;
      tasks.abandon(draft.taken);
    }
  }

  /** Forgets a pool, when nothing touches it any more. */
  void withdraw(EnginePool pool) {
    boolean telling = conductor.telling();
    List<Job> left = conductor.call(() -> {
      int touching = telling ? tasks.touching(pool.memory) : 0;
      if (touching > 0) {
        throw new IllegalStateException(
            ("A callback cannot close the pool while %d of its jobs have not settled: it would "
                + "await itself; close it when they have, or on a thread of its own")
                .formatted(touching));
      }
      pool.open = false;
      tasks.endAll(pool.memory, "its pool was closed");
      return tasks.unsettled(pool.memory);
    });
    CompletableFuture
        .allOf(
            left.stream()
                .map(Job::settled)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new))
        .join();
    pool.memory.close();
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

  private EngineDraft mine(Draft draft) {
    if (draft instanceof EngineDraft mine && mine.of(this)) {
      return mine;
    }
    throw new IllegalArgumentException("The draft is not of this store");
  }

  private EnginePool mine(Pool pool) {
    if (pool instanceof EnginePool mine && mine.of(this)) {
      return mine;
    }
    throw new IllegalArgumentException("The pool is not of this store");
  }
}
