package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.index.IndexAudit;
import io.pagoda.core.run.Checksums;
import io.pagoda.core.space.Policies;
import io.pagoda.core.space.Space;
import io.pagoda.core.space.SpaceAudit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A whole engine on one thread. One number decides what callers ask, in which order tiers and
 * copies do their work, what goes wrong, and when time passes; the same number repeats it. After
 * every step index, space and bytes are compared.
 */
final class Simulation implements AutoCloseable {
  private static final int CHUNK = 16;
  private static final int BLOCK = 4 * CHUNK;
  private static final int HUB_SLOTS = 12;
  private static final int POOL_BLOCKS = 40;
  private static final int MAX_DEPTH = 8;
  private static final byte CANARY = 0x5A;

  private final SplittableRandom random;
  private final SimulatedWorkshop workshop;
  private final SimulatedHub hub = new SimulatedHub(HUB_SLOTS, BLOCK);
  private final List<SimulatedTier> colder = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private final PoolSpec spec = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, POOL_BLOCKS, CHUNK);
  private final MemorySegment memory = arena.allocate(spec.bytes());
  private final Deque<Integer> freeBlocks = new ArrayDeque<>();
  private final List<Match> matches = new ArrayList<>();
  private final List<Use> uses = new ArrayList<>();
  private final Engine engine;
  private final Pool pool;
  private final IndexAudit indexAudit;
  private final SpaceAudit spaceAudit;
  private final int tiers;

  /** Blocks that a fetch brought right: a simulation in which none is proves little. */
  long rightBlocks;

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
    workshop = new SimulatedWorkshop(checksums);
    List<TierNode> nodes = new ArrayList<>();
    nodes.add(new TierNode("host", hub, policies.create(HUB_SLOTS)));
    for (Edge edge : edges) {
      var tier = new SimulatedTier(10 + random.nextInt(12), BLOCK, random.split());
      tier.faultEvery = random.nextInt(4) == 0 ? 0 : 10 + random.nextInt(50);
      colder.add(tier);
      nodes.add(new TierNode(edge.to(), tier, policies.create(tier.spec().slots())));
    }
    tiers = nodes.size();
    var settings = new EngineSettings(Duration.ofMillis(50), Duration.ofMillis(20), 1);
    engine = new Engine(new TierGraph(nodes, edges, BLOCK), settings, StageTimes.NONE, workshop);
    pool = engine.register(spec, memory);
    memory.fill(CANARY);
    for (int block = 0; block < POOL_BLOCKS; block++) {
      freeBlocks.add(block);
    }
    indexAudit = new IndexAudit(engine.ledger().index, tiers);
    spaceAudit = new SpaceAudit(engine.ledger().space, engine.ledger().index);
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
    matches.forEach(Match::close);
    for (int i = 0; busy(); i++) {
      if (i > 100_000) {
        throw new AssertionError("Never comes to an end: " + uses);
      }
      work();
      check();
    }
    List<Integer> entries = indexAudit.entries();
    for (int tier = 0; tier < tiers; tier++) {
      require(spaceAudit.inTransit(entries, tier) == 0, "slots of tier " + tier + " leaked");
    }
    entries.forEach(this::checkAtRest);
    checkFaultless();
    require(freeBlocks.size() == POOL_BLOCKS, "jobs hold pool blocks: " + uses);
    require(engine.statistics().jobs().running() == 0, "plans still run");
    require(engine.ledger().space.reserve(1).size() == 1, "nothing is in use, and nothing may go");
  }

  private void checkAtRest(int entry) {
    var index = engine.ledger().index;
    require(!index.pinned(entry), "entry " + entry + " is still pinned");
    for (int tier = 0; tier < tiers; tier++) {
      boolean placed = index.slot(entry, tier) != BlockIndex.NONE;
      require(placed == index.ready(entry, tier), "entry " + entry + " waits for bytes for ever");
    }
  }

  /** Checksums hide hops that overtake each other: what they found must be the tier's own fault. */
  private void checkFaultless() {
    for (int tier = 1; tier < tiers; tier++) {
      long lost = engine.statistics().tiers().get(tier).lost();
      boolean faultless = colder.get(tier - 1).faultEvery == 0;
      require(lost == 0 || !faultless, "a tier without faults lost " + lost + " blocks");
    }
  }

  private boolean busy() {
    return !uses.isEmpty()
        || !workshop.copies.isEmpty()
        || colder.stream().anyMatch(tier -> !tier.inFlight.isEmpty());
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0 -> fetch(engine.match(someKeys()));
      case 1 -> fetchTwice();
      case 2 -> matches.add(engine.match(someKeys()));
      case 3 -> endMatch();
      case 4, 5, 6 -> put();
      case 7 -> cancel();
      case 8 -> workshop.pass(random.nextLong(Duration.ofMillis(2).toNanos()));
      default -> work();
    }
  }

  private void endMatch() {
    if (!matches.isEmpty()) {
      Match match = matches.remove(random.nextInt(matches.size()));
      if (random.nextBoolean()) {
        match.close();
      } else {
        fetch(match);
      }
    }
  }

  private void fetch(Match match) {
    int size = random.nextInt(6) == 0 ? random.nextInt(match.blocks() + 1) : match.blocks();
    if (freeBlocks.size() < size) {
      match.close();
      return;
    }
    int[] blocks = takeBlocks(size);
    Job job = engine.fetch(match, pool, blocks);
    uses.add(new Use(job, match.keys().prefix(size), blocks, true));
  }

  private void fetchTwice() {
    BlockKeys keys = someKeys();
    fetch(engine.match(keys));
    fetch(engine.match(keys));
  }

  private void put() {
    BlockKeys keys = someKeys();
    if (freeBlocks.size() < keys.size()) {
      return;
    }
    int[] blocks = takeBlocks(keys.size());
    for (int i = 0; i < blocks.length; i++) {
      for (int at = 0; at < BLOCK; at++) {
        memory.set(ValueLayout.JAVA_BYTE, poolOffset(blocks[i], at), pattern(keys, i, at));
      }
    }
    uses.add(new Use(engine.put(keys, pool, blocks), keys, blocks, false));
  }

  private void cancel() {
    if (!uses.isEmpty()) {
      uses.get(random.nextInt(uses.size())).job.cancel();
    }
  }

  private void work() {
    List<List<Runnable>> queues = new ArrayList<>();
    queues.add(workshop.copies);
    colder.forEach(tier -> queues.add(tier.inFlight));
    queues.removeIf(List::isEmpty);
    if (!queues.isEmpty()) {
      List<Runnable> queue = queues.get(random.nextInt(queues.size()));
      queue.remove(random.nextInt(queue.size())).run();
    }
  }

  private int[] takeBlocks(int count) {
    int[] blocks = new int[count];
    for (int i = 0; i < count; i++) {
      blocks[i] = freeBlocks.remove();
    }
    return blocks;
  }

  private BlockKeys someKeys() {
    int depth = 1 + random.nextInt(MAX_DEPTH);
    long[] words = new long[2 * depth];
    long path = 1;
    for (int i = 0; i < depth; i++) {
      path = path * 3 + (random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0);
      words[2 * i] = path * 0x9E3779B97F4A7C15L;
      words[2 * i + 1] = path;
    }
    return BlockKeys.ofWords(words);
  }

  private void check() {
    for (Iterator<Use> each = uses.iterator(); each.hasNext();) {
      Use use = each.next();
      var settled = use.job.settled().toCompletableFuture();
      if (settled.isDone()) {
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

  private void checkOutcome(Use use, Outcome outcome) {
    require(outcome.blocks() <= use.blocks.length, "more blocks than were asked for: " + outcome);
    for (int i = 0; use.fetch && i < outcome.blocks(); i++) {
      for (int at = 0; at < BLOCK; at++) {
        byte found = memory.get(ValueLayout.JAVA_BYTE, poolOffset(use.blocks[i], at));
        require(found == pattern(use.keys, i, at), "a fetch brought wrong bytes: " + outcome);
      }
      rightBlocks++;
    }
  }

  private void giveBack(Use use) {
    for (int block : use.blocks) {
      for (int at = 0; at < BLOCK; at++) {
        memory.set(ValueLayout.JAVA_BYTE, poolOffset(block, at), CANARY);
      }
      freeBlocks.add(block);
    }
  }

  private void checkCanaries() {
    for (int block : freeBlocks) {
      for (int at = 0; at < BLOCK; at++) {
        require(
            memory.get(ValueLayout.JAVA_BYTE, poolOffset(block, at)) == CANARY,
            "pool block " + block + " was written to after its job had settled");
      }
    }
  }

  private void checkHubBytes(int entry) {
    var index = engine.ledger().index;
    if (!index.ready(entry, Space.HUB)) {
      return;
    }
    long from = hub.offset(index.slot(entry, Space.HUB));
    for (int at = 0; at < BLOCK; at++) {
      byte found = hub.memory().get(ValueLayout.JAVA_BYTE, from + at);
      require(found == pattern(index.low(entry), at), "entry " + entry + " published wrong bytes");
    }
  }

  private long poolOffset(int block, int at) {
    int chunk = at / CHUNK;
    return spec.offset(block, chunk / 2, chunk % 2) + at % CHUNK;
  }

  private static byte pattern(BlockKeys keys, int index, int at) {
    return pattern(keys.low(index), at);
  }

  private static byte pattern(long low, int at) {
    long mixed = (low + at * 0xD1B54A32D192ED03L) * 0x9E3779B97F4A7C15L;
    return (byte) (mixed >>> 56);
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
