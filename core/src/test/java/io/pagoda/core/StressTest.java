package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Draft;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Seat;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.IndexAudit;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.core.space.SpaceAudit;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.MemoryTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Many callers with real threads, and nothing left behind. */
class StressTest {
  private static final int CALLERS = 16;
  private static final int OPERATIONS = 10_000;
  private static final int CHUNK = 64;
  private static final int BLOCK = 4 * CHUNK;
  private static final int HUB = 96;
  private static final int FAR = 200;
  private static final int BLOCKS_EACH = 16;
  private static final int DEPTH = 8;

  /** For what goes on beside callers who are quicker, in nanoseconds. */
  private static final long LONG_ENOUGH = 60_000_000_000L;

  private static final PoolSpec SPEC =
      new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, CALLERS * BLOCKS_EACH, CHUNK);

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final AtomicLong right = new AtomicLong();
  private final ConcurrentLinkedQueue<Job> jobs = new ConcurrentLinkedQueue<>();

  @Test
  void tenThousandOperationsOfSixteenCallersLeaveNothingBehind() throws Exception {
    run(new MemoryTier(FAR, BLOCK), (_, _) -> {});
  }

  /** Each of the tiers that come is as large as the first, and has other bytes in it. */
  @Test
  void aTierComesAndGoesUnderLoad() throws Exception {
    AtomicLong changes = new AtomicLong();
    run(new Seat(new MemoryTier(FAR, BLOCK)), (engine, working) -> {
      long end = System.nanoTime() + LONG_ENOUGH;
      while (working.getAsBoolean() || (changes.get() <= 20 && System.nanoTime() < end)) {
        Seats seats = engine.seats();
        seats.vacate("far").toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join().close();
        var next = new MemoryTier(FAR, BLOCK);
        next.memory().fill((byte) changes.incrementAndGet());
        seats.occupy("far", next);
      }
    });
    assertTrue(changes.get() > 20, "Too few changes: " + changes);
  }

  /** Each of the tiers that come brings what the one before it had. */
  @Test
  void aTierWhoseBlocksOutliveItComesAndGoesUnderLoad() throws Exception {
    AtomicLong brought = new AtomicLong();
    var disk = new LastingTier.Disk(FAR, BLOCK);
    run(new Seat(new LastingTier(disk)), (engine, working) -> {
      long end = System.nanoTime() + LONG_ENOUGH;
      while (working.getAsBoolean() || (brought.get() <= 100 && System.nanoTime() < end)) {
        Seats seats = engine.seats();
        seats.vacate("far").toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join().close();
        brought.addAndGet(seats.occupy("far", new LastingTier(disk)));
      }
    });
    assertTrue(brought.get() > 100, "Too few blocks came back: " + brought);
  }

  /** What goes on beside the callers, as long as they work. */
  @FunctionalInterface
  private interface Aside {
    void run(Engine engine, BooleanSupplier working);
  }

  private void run(StorageTier far, Aside aside) throws Exception {
    var settings = new EngineSettings(Duration.ofMillis(20), Duration.ofSeconds(10), 2);
    var graph = new TierGraph(
        List.of(
            new TierNode("host", new SimulatedHub(HUB, BLOCK), LruPolicyProvider.lru(HUB)),
            new TierNode("far", far, LruPolicyProvider.lru(FAR))),
        List.of(new Edge("far", WritePolicy.BACK, Promotion.MOVE)), Sections.whole(BLOCK));
    var workshop = new Threads(settings);
    try (Arena arena = Arena.ofShared();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      MemorySegment memory = arena.allocate(SPEC.bytes());
      var engine = new Engine(graph, settings, StageTimes.NONE, workshop);
      try (Pool pool = engine.register(SPEC, memory)) {
        List<Future<?>> done = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
          var random = new SplittableRandom(seed + caller);
          int first = caller * BLOCKS_EACH;
          done.add(callers.submit(() -> new Caller(engine, pool, memory, first, random).run()));
        }
        aside.run(engine, () -> !done.stream().allMatch(Future::isDone));
        for (Future<?> one : done) {
          one.get(100, TimeUnit.SECONDS);
        }
        checkNothingLeft(engine);
      }
      engine.close();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("Repeat with -Dpagoda.seed=" + seed, e);
    }
    assertTrue(right.get() > OPERATIONS / 10, "Too few right blocks: " + right);
  }

  private void checkNothingLeft(Engine engine) {
    for (Job job : jobs) {
      job.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }
    EngineRig
        .awaitUntil(() -> pins(engine) == 0 && engine.idle(), "neither pins nor tasks are left");
    engine.look(ledger -> {
      var audit = new IndexAudit(ledger.index, 2);
      audit.check();
      var space = new SpaceAudit(ledger.space, ledger.index);
      space.check(audit.entries(), 2);
      for (int tier = 0; tier < 2; tier++) {
        assertEquals(0, space.inTransit(audit.entries(), tier), "slots left behind in " + tier);
      }
      return true;
    });
    assertEquals(0, engine.statistics().jobs().running());
    assertEquals(0, engine.statistics().tiers().get(1).corrupt());
  }

  private static int pins(Engine engine) {
    return engine.look(ledger -> {
      var entries = new IndexAudit(ledger.index, 2).entries();
      return entries.stream().mapToInt(ledger.index::pins).sum();
    });
  }

  /** One caller, with pool blocks of its own. */
  private final class Caller implements Runnable {
    private final Engine engine;
    private final Pool pool;
    private final MemorySegment memory;
    private final int[] blocks = new int[DEPTH];
    private final SplittableRandom random;

    Caller(Engine engine, Pool pool, MemorySegment memory, int first, SplittableRandom random) {
      this.engine = engine;
      this.pool = pool;
      this.memory = memory;
      this.random = random;
      for (int i = 0; i < DEPTH; i++) {
        blocks[i] = first + 2 * i;
      }
    }

    @Override
    public void run() {
      for (int i = 0; i < OPERATIONS / CALLERS; i++) {
        switch (random.nextInt(8)) {
          case 0, 1 -> put(someKeys(), false);
          case 2, 3, 4 -> fetch(someKeys(), false);
          case 5 -> fetch(someKeys(), true);
          case 6 -> put(someKeys(), true);
          default -> {
            engine.match(someKeys()); // left to expire
            engine.draft(someKeys(), Namespace.SHARED).close();
            jobs.add(engine.prefetch(engine.match(someKeys()), JobOptions.DEFAULT));
          }
        }
      }
    }

    private JobOptions options(boolean hurried) {
      return hurried
          ? JobOptions.DEFAULT.within(Duration.ofNanos(1 + random.nextInt(200_000)))
          : JobOptions.DEFAULT;
    }

    private void put(BlockKeys keys, boolean hurried) {
      for (int i = 0; i < keys.size(); i++) {
        for (int at = 0; at < BLOCK; at++) {
          memory.set(ValueLayout.JAVA_BYTE, offset(blocks[i], at), pattern(keys.low(i), at));
        }
      }
      int[] from = Arrays.copyOf(blocks, keys.size());
      Job job;
      if (random.nextBoolean()) {
        job = engine.put(keys, pool, from, options(hurried));
      } else {
        Draft draft = engine.draft(keys, Namespace.SHARED);
        job = engine.put(pool, List.of(new Put(draft, from, options(hurried)))).getFirst();
      }
      settle(job);
    }

    private void fetch(BlockKeys keys, boolean hurried) {
      Match match = engine.match(keys);
      int[] into = Arrays.copyOf(blocks, match.blocks());
      Job job = engine.fetch(pool, List.of(new Fetch(match, into, options(hurried)))).getFirst();
      Outcome outcome = settle(job);
      for (int i = 0; i < outcome.blocks(); i++) {
        for (int at = 0; at < BLOCK; at++) {
          byte found = memory.get(ValueLayout.JAVA_BYTE, offset(into[i], at));
          if (found != pattern(keys.low(i), at)) {
            throw new AssertionError("wrong bytes in block " + i + " of " + keys);
          }
        }
        right.incrementAndGet();
      }
      if (outcome.end() == End.COMPLETED) {
        assertEquals(into.length, outcome.blocks());
      }
    }

    private Outcome settle(Job job) {
      jobs.add(job);
      if (random.nextInt(6) == 0) {
        job.cancel();
      }
      return job.settled().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private BlockKeys someKeys() {
      int chain = random.nextInt(60);
      return BlockKeys.ofWords(LongKeys.words(1_000L * chain, 1 + random.nextInt(DEPTH)));
    }

    private long offset(int block, int at) {
      int chunk = at / CHUNK;
      return SPEC.offset(block, chunk / 2, chunk % 2) + at % CHUNK;
    }

    private static byte pattern(long low, int at) {
      return (byte) (((low + at * 0xD1B54A32D192ED03L) * 0x9E3779B97F4A7C15L) >>> 56);
    }
  }
}
