package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.Draft;
import io.pagoda.ElementType;
import io.pagoda.Ending;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.LayerGroup;
import io.pagoda.LayerListener;
import io.pagoda.Match;
import io.pagoda.ModelSpec;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.graph.Care;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.Reach;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.index.IndexAudit;
import io.pagoda.core.run.Checksums;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.space.Policies;
import io.pagoda.core.space.Space;
import io.pagoda.core.space.SpaceAudit;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A whole engine on one thread. One number decides what callers ask, in which order tiers and
 * copies do their work, what goes wrong, and when time passes; the same number repeats it. After
 * every step index, space and bytes are compared.
 */
final class Simulation implements AutoCloseable {
  private static final int CHUNK = 16;
  private static final int BLOCK = 4 * CHUNK;
  private static final int POOL_BLOCKS = 40;
  private static final int MAX_DEPTH = 8;
  private static final byte CANARY = 0x5A;
  private static final int NO_BLOCK = -1;

  private final SplittableRandom random;
  private final Checksums checksums;
  private final Policies policies;
  private final List<Edge> edges;
  private final Sections sections;
  private final EngineSettings settings;
  private final long hopBytes;
  private final int hubSlots;
  private SimulatedWorkshop workshop;
  private SimulatedHub hub;
  private final List<SimulatedTier> colder = new ArrayList<>();

  /** The last tier, if others share one; empty otherwise. */
  private final List<SimulatedShelf> shelves = new ArrayList<>();

  private final Arena arena = Arena.ofShared();
  private final PoolSpec spec = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, POOL_BLOCKS, CHUNK);
  private final MemorySegment memory = arena.allocate(spec.bytes());
  private final Deque<Integer> freeBlocks = new ArrayDeque<>();
  private final List<Match> matches = new ArrayList<>();
  private final List<Use> uses = new ArrayList<>();
  private final List<Job> jobs = new ArrayList<>();
  private Engine engine;
  private Pool pool;
  private Ledger ledger;
  private IndexAudit indexAudit;
  private SpaceAudit spaceAudit;
  private final int tiers;

  /** Blocks that a fetch brought right: a simulation in which none is proves little. */
  long rightBlocks;

  /** Blocks of layers that arrived right before the rest: none would prove little. */
  long rightLayers;

  /** Blocks that were found again after a restart. */
  long revived;

  /** Blocks that others had stored. */
  long discovered;

  /** Whether callers ask for more as soon as they hear of an end. */
  private boolean reacting = true;

  private final List<Draft> drafts = new ArrayList<>();
  private final List<Namespace> namespaces =
      List.of(Namespace.SHARED, Namespace.of("a"), Namespace.of("a", "b"), Namespace.of("c"));

  /** Pool blocks in use by a job. */
  private record Use(Job job, BlockKeys keys, int[] blocks, boolean fetch) {}

  /**
   * Sets a simulation up.
   *
   * @param seed decides everything
   * @param edges the tiers below the hub
   * @param checksums how blocks are verified
   * @param policies who decides what is evicted
   */
  Simulation(long seed, List<Edge> edges, Checksums checksums, Policies policies) {
    random = new SplittableRandom(seed);
    this.checksums = checksums;
    this.policies = policies;
    this.edges = edges;
    hopBytes = BLOCK * (1L + random.nextInt(10));
    hubSlots = 2 + random.nextInt(12);
    boolean shares = !edges.isEmpty() && random.nextInt(2) == 0;
    for (int i = shares ? 1 : 0; i < edges.size(); i++) {
      var tier = new SimulatedTier(10 + random.nextInt(30), BLOCK, random.split());
      tier.faultEvery = random.nextInt(4) == 0 ? 0 : 10 + random.nextInt(50);
      tier.atOnceEvery = random.nextInt(2) * 4;
      boolean lasts = random.nextInt(3) != 0;
      colder.add(lasts ? new SimulatedTier(tier, new Records(tier.spec().slots())) : tier);
    }
    tiers = 1 + edges.size();
    var quotas = List.of(
        new Quota(Namespace.of("a"), 9, Duration.ZERO),
        new Quota(Namespace.of("a", "b"), 3, Duration.ofSeconds(1)));
    settings = new EngineSettings(Duration.ofMillis(50), Duration.ofMillis(20), 1)
        .with(random.nextBoolean() ? quotas : List.of())
        .with(new Reach(Duration.ZERO, Duration.ofNanos(random.nextInt(1_000))))
        .with(new Care(someTimeout(), 1 + random.nextInt(4), random.nextInt(3) * 50_000L));
    sections = sections();
    if (shares) {
      shelves.add(new SimulatedShelf(4 + random.nextInt(30), sections, random.split()));
    }
    memory.fill(CANARY);
    for (int block = 0; block < POOL_BLOCKS; block++) {
      freeBlocks.add(block);
    }
    open();
  }

  /** Long as a rule, so that tiers are seldom retired. */
  private Duration someTimeout() {
    return random.nextInt(5) == 0 ? Duration.ofMillis(20) : Duration.ofHours(1);
  }

  private void open() {
    workshop = new SimulatedWorkshop(checksums, hopBytes);
    hub = new SimulatedHub(hubSlots, BLOCK);
    List<TierNode> nodes = new ArrayList<>();
    nodes.add(new TierNode("host", hub, policies.create(hubSlots)));
    List<StorageTier> below = new ArrayList<>(colder);
    below.addAll(shelves);
    for (int i = 0; i < edges.size(); i++) {
      StorageTier tier = below.get(i);
      nodes.add(new TierNode(edges.get(i).to(), tier, policies.create(tier.spec().slots())));
    }
    engine = new Engine(new TierGraph(nodes, edges, sections), settings, StageTimes.NONE, workshop);
    pool = engine.register(spec, memory);
    ledger = engine.look(known -> known);
    indexAudit = new IndexAudit(ledger.index, tiers, ledger.shared()::has);
    spaceAudit = new SpaceAudit(ledger.space, ledger.index);
  }

  /** Ends the engine, in order or in the middle of everything, and opens another. */
  private void restart() {
    if (random.nextBoolean()) {
      finish();
      engine.close();
    } else {
      reacting = false;
      colder.forEach(SimulatedTier::crash);
      hub.close();
    }
    checkNoBug();
    reacting = true;
    uses.forEach(this::giveBack);
    uses.clear();
    jobs.clear();
    matches.clear();
    drafts.clear();
    shelves.replaceAll(SimulatedShelf::again);
    for (int i = 0; i < colder.size(); i++) {
      SimulatedTier before = colder.get(i);
      var fresh = new SimulatedTier(before.spec().slots(), BLOCK, random.split());
      fresh.faultEvery = before.faultEvery;
      colder.set(
          i, before.records().map(records -> new SimulatedTier(before, records)).orElse(fresh));
    }
    open();
    check();
    revived += new RevivalAudit(ledger.index, colder, MAX_DEPTH).checkRevived();
  }

  /** Whole blocks, or two sections: of one layer each, or of unequal length. */
  private Sections sections() {
    var group = LayerGroup.separate(2, 1, CHUNK, ElementType.INT8);
    var model = new ModelSpec("simulated", List.of(group), 1, 1);
    return switch (random.nextInt(3)) {
      case 0 -> Sections.whole(BLOCK);
      case 1 -> Sections.of(model, 2, CHUNK);
      default -> Sections.of(model, 2, 3 * CHUNK);
    };
  }

  /** Takes steps, and checks after each. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
  }

  /** Lets everything end, and checks that nothing is left behind. */
  void finish() {
    reacting = false;
    matches.forEach(Match::close);
    drafts.forEach(Draft::close);
    for (int i = 0; busy() || !engine.idle(); i++) {
      if (i > 100_000) {
        throw new AssertionError("Never comes to an end: " + uses);
      }
      if (!work()) {
        workshop.pass(1_000_000); // until a budget allows what waits
      }
      check();
    }
    List<Integer> entries = indexAudit.entries();
    for (int tier = 0; tier < tiers; tier++) {
      discovered += ledger.shared().found(tier);
      require(spaceAudit.inTransit(entries, tier) == 0, "slots of tier " + tier + " leaked");
    }
    entries.forEach(this::checkAtRest);
    checkFaultless();
    require(freeBlocks.size() == POOL_BLOCKS, "jobs hold pool blocks: " + uses);
    require(engine.statistics().jobs().running() == 0, "plans still run");
    require(engine.idle(), "somebody still waits");
    for (Job job : jobs) {
      require(job.finished().toCompletableFuture().isDone(), "a job is never finished");
    }
    new RevivalAudit(ledger.index, colder, MAX_DEPTH).checkRemembered(entries, this::trusted);
    require(ledger.space.reserve(1).size() == 1, "nothing is in use, and nothing may go");
  }

  private void checkAtRest(int entry) {
    require(!ledger.index.pinned(entry), "entry " + entry + " is still pinned");
    for (int tier = 0; tier < tiers; tier++) {
      boolean placed = ledger.index.slot(entry, tier) != BlockIndex.NONE;
      require(
          placed == ledger.index.ready(entry, tier),
          "entry %d waits for bytes of tier %d for ever".formatted(entry, tier));
    }
  }

  /** Checksums hide hops that overtake each other: what they found must be the tier's own fault. */
  private void checkFaultless() {
    for (int tier = 1; tier <= colder.size(); tier++) {
      long lost = engine.statistics().tiers().get(tier).lost();
      boolean faultless = colder.get(tier - 1).faultEvery == 0 && trusted(tier);
      require(lost == 0 || !faultless, "a tier without faults lost " + lost + " blocks");
    }
  }

  private boolean trusted(int tier) {
    return engine.statistics().tiers().get(tier).state() != TierState.RETIRED;
  }

  private boolean busy() {
    return !uses.isEmpty()
        || !workshop.copies.isEmpty()
        || shelves.stream().anyMatch(shelf -> !shelf.inFlight.isEmpty())
        || colder.stream().anyMatch(tier -> !tier.inFlight.isEmpty());
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0 -> fetch(List.of(engine.match(someKeys())));
      case 1 -> fetchTogether();
      case 2 -> matches.add(engine.match(someKeys(), someTime()));
      case 3 -> endMatch();
      case 4, 5 -> put();
      case 6 -> drafts.add(engine.draft(someKeys(), someNamespace()));
      case 7 -> endDrafts();
      case 8 -> prefetch();
      case 9 -> cancel();
      case 10 -> workshop.pass(random.nextLong(Duration.ofMillis(2).toNanos()));
      case 11 -> explain();
      case 12 -> shelves.forEach(shelf -> shelf.othersWork(someKeys()));
      default -> work();
    }
    if (random.nextInt(3_000) == 0) {
      engine.reset();
    }
    if (random.nextInt(500) == 0) {
      restart();
    }
    if (random.nextInt(4_000) == 0) {
      workshop.pass(Duration.ofSeconds(2).toNanos());
    }
  }

  private Namespace someNamespace() {
    return namespaces.get(random.nextInt(namespaces.size()));
  }

  private Duration someTime() {
    return random.nextInt(3) == 0 ? Duration.ofMillis(1 + random.nextInt(9)) : Duration.ZERO;
  }

  private JobOptions someOptions() {
    return JobOptions.DEFAULT.within(someTime()).in(someNamespace());
  }

  private void begun(Use use) {
    uses.add(use);
    jobs.add(use.job);
    use.job.outcome().thenRun(this::react);
    use.job.finished().thenRun(this::react);
  }

  /** Asks for more from within a callback, now and then. */
  private void react() {
    if (!reacting) {
      return;
    }
    switch (random.nextInt(24)) {
      case 0 -> put();
      case 1 -> fetch(List.of(engine.match(someKeys())));
      case 2 -> cancel();
      case 3 -> prefetch();
      default -> {}
    }
  }

  private void prefetch() {
    Job job = engine.prefetch(engine.match(someKeys()), someOptions());
    int[] none = new int[MAX_DEPTH];
    Arrays.fill(none, NO_BLOCK);
    begun(new Use(job, BlockKeys.ofWords(new long[0]), none, false));
  }

  private void explain() {
    BlockKeys keys = someKeys();
    try (Match match = engine.match(keys)) {
      Ending ending = engine.explain(keys);
      require(ending.blocks() == match.blocks(), "explains another prefix: " + ending);
      boolean complete = ending.cause() == Ending.Cause.COMPLETE;
      require(complete == (ending.blocks() == keys.size()), "explains what is not so: " + ending);
    }
  }

  /** Puts some drafts together, or abandons one. */
  private void endDrafts() {
    if (drafts.isEmpty()) {
      return;
    }
    if (random.nextInt(3) == 0) {
      drafts.remove(random.nextInt(drafts.size())).close();
      return;
    }
    List<Put> puts = new ArrayList<>();
    while (!drafts.isEmpty() && random.nextInt(3) != 0) {
      Draft draft = drafts.removeLast();
      if (freeBlocks.size() < draft.keys().size()) {
        draft.close();
        continue;
      }
      int[] blocks = takeBlocks(draft.keys().size());
      fill(draft.keys(), blocks);
      puts.add(new Put(draft, blocks, someOptions()));
    }
    List<Job> jobs = engine.put(pool, puts);
    for (int i = 0; i < jobs.size(); i++) {
      Put put = puts.get(i);
      begun(new Use(jobs.get(i), put.draft().keys(), put.blocks(), false));
    }
  }

  private void endMatch() {
    if (!matches.isEmpty()) {
      Match match = matches.remove(random.nextInt(matches.size()));
      if (random.nextBoolean()) {
        match.close();
      } else {
        fetch(List.of(match));
      }
    }
  }

  private void fetch(List<Match> several) {
    List<Fetch> fetches = new ArrayList<>();
    for (Match match : several) {
      int size = random.nextInt(6) == 0 ? random.nextInt(match.blocks() + 1) : match.blocks();
      if (freeBlocks.size() < size) {
        match.close();
        continue;
      }
      int[] blocks = takeBlocks(size);
      JobOptions options = someOptions();
      fetches.add(
          new Fetch(
              match, blocks,
              random.nextBoolean() ? options : options.telling(layers(match.keys(), blocks))));
    }
    List<Job> jobs = engine.fetch(pool, fetches);
    for (int i = 0; i < jobs.size(); i++) {
      Fetch fetch = fetches.get(i);
      BlockKeys keys = fetch.match().keys().prefix(fetch.blocks().length);
      begun(new Use(jobs.get(i), keys, fetch.blocks(), true));
    }
  }

  /** Checks the bytes of each layer at the moment when it is said to be there. */
  private LayerListener layers(BlockKeys keys, int[] blocks) {
    int[] next = new int[1];
    return (layer, count) -> {
      require(layer == next[0]++, "layers come out of order");
      require(count <= blocks.length, "more blocks than were asked for");
      for (int i = 0; i < count; i++) {
        int block = blocks[i];
        require(
            Versions.one(
                keys.low(i), layer * 2 * CHUNK, (layer + 1) * 2 * CHUNK, at -> inPool(block, at)),
            "a layer was told of that is not there");
        rightLayers++;
      }
    };
  }

  private void fetchTogether() {
    List<Match> several = new ArrayList<>();
    BlockKeys keys = someKeys();
    several.add(engine.match(keys));
    several.add(engine.match(keys));
    several.add(engine.match(someKeys()));
    fetch(several);
  }

  private void put() {
    BlockKeys keys = someKeys();
    if (freeBlocks.size() < keys.size()) {
      return;
    }
    int[] blocks = takeBlocks(keys.size());
    fill(keys, blocks);
    begun(new Use(engine.put(keys, pool, blocks, someOptions()), keys, blocks, false));
  }

  /** Fills blocks with bytes of their own; computed again they are never quite the same. */
  private void fill(BlockKeys keys, int[] blocks) {
    for (int i = 0; i < blocks.length; i++) {
      int version = random.nextInt(Versions.COUNT);
      for (int at = 0; at < BLOCK; at++) {
        byte value = (byte) (Versions.pattern(keys.low(i), at) + version);
        memory.set(ValueLayout.JAVA_BYTE, poolOffset(blocks[i], at), value);
      }
    }
  }

  private void cancel() {
    if (!uses.isEmpty()) {
      uses.get(random.nextInt(uses.size())).job.cancel();
    }
  }

  private boolean work() {
    List<List<Runnable>> queues = new ArrayList<>();
    queues.add(workshop.copies);
    colder.forEach(tier -> queues.add(tier.inFlight));
    shelves.forEach(shelf -> queues.add(shelf.inFlight));
    queues.removeIf(List::isEmpty);
    if (!queues.isEmpty()) {
      List<Runnable> queue = queues.get(random.nextInt(queues.size()));
      queue.remove(random.nextInt(queue.size())).run();
    }
    return !queues.isEmpty();
  }

  private int[] takeBlocks(int count) {
    return IntStream.range(0, count).map(_ -> freeBlocks.remove()).toArray();
  }

  private BlockKeys someKeys() {
    return Versions.someKeys(random, MAX_DEPTH);
  }

  private void checkNoBug() {
    if (workshop.bug != null) {
      throw new AssertionError("The engine has a bug", workshop.bug);
    }
  }

  private void check() {
    checkNoBug();
    for (Iterator<Use> each = uses.iterator(); each.hasNext();) {
      Use use = each.next();
      var settled = use.job.settled().toCompletableFuture();
      if (settled.isDone()) {
        checkFinished(use);
        checkOutcome(use, settled.join());
        giveBack(use);
        each.remove();
      }
    }
    colder.forEach(tier -> require(tier.misuse.isEmpty(), tier.misuse));
    checkCanaries();
    indexAudit.check();
    List<Integer> entries = indexAudit.entries();
    spaceAudit.check(entries, tiers);
    entries.forEach(this::checkHubBytes);
  }

  /** What is finished has settled, and no more is finished than arrived. */
  private static void checkFinished(Use use) {
    var finished = use.job.finished().toCompletableFuture();
    if (finished.isDone()) {
      Outcome all = finished.join();
      Outcome early = use.job.outcome().toCompletableFuture().join();
      require(all.blocks() <= early.blocks(), "more copies than blocks: " + all + early);
    }
  }

  private void checkOutcome(Use use, Outcome outcome) {
    require(outcome.blocks() <= use.blocks.length, "more blocks than were asked for: " + outcome);
    for (int i = 0; use.fetch && i < outcome.blocks(); i++) {
      int block = use.blocks[i];
      require(
          Versions.one(use.keys.low(i), 0, BLOCK, at -> inPool(block, at)),
          "a fetch brought wrong bytes: " + outcome);
      rightBlocks++;
    }
  }

  private void giveBack(Use use) {
    for (int block : use.blocks) {
      if (block == NO_BLOCK) {
        continue;
      }
      for (int at = 0; at < BLOCK; at++) {
        memory.set(ValueLayout.JAVA_BYTE, poolOffset(block, at), CANARY);
      }
      freeBlocks.add(block);
    }
  }

  private void checkCanaries() {
    for (int block : freeBlocks) {
      for (int at = 0; at < BLOCK; at++) {
        require(inPool(block, at) == CANARY, "block " + block + " was written to after its job");
      }
    }
  }

  private void checkHubBytes(int entry) {
    var index = ledger.index;
    if (!index.ready(entry, Space.HUB)) {
      return;
    }
    long from = hub.offset(index.slot(entry, Space.HUB));
    require(
        Versions.one(
            index.low(entry), 0, BLOCK, at -> hub.memory().get(ValueLayout.JAVA_BYTE, from + at)),
        "entry " + entry + " published wrong bytes");
  }

  private long poolOffset(int block, int at) {
    int chunk = at / CHUNK;
    return spec.offset(block, chunk / 2, chunk % 2) + at % CHUNK;
  }

  private int inPool(int block, int at) {
    return memory.get(ValueLayout.JAVA_BYTE, poolOffset(block, at));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
