package io.pagoda.node.bench;

import io.pagoda.EngineMemory;
import io.pagoda.KvCache;
import io.pagoda.KvLayout;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvTask;
import io.pagoda.Pool;
import io.pagoda.SlotMapping;
import io.pagoda.Tokens;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.device.DeviceMemory;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Measures the whole way of fetches and puts of 1,024 blocks of 2.5 MiB through {@link KvCache}, in
 * turns with bare copies of as many blocks by the same device, and what of the processor that
 * takes: of every thread of the process, the compiler's and the collector's too.
 *
 * @param config the configuration whose settings of tiers and devices hold, if any
 */
record GpuCache(Optional<Path> config) {
  /** Bytes of a chunk: 16 tokens, 4 heads, 128 elements of 2 bytes. */
  static final long CHUNK = 16 << 10;

  private static final int BLOCKS = 1024;
  private static final long BYTES = BLOCKS * CHUNK * GpuSet.PLANES;
  private static final int TOKENS_PER_BLOCK = 16;
  private static final String MODEL =
      "model { layers = 80, kv-heads = 4, head-size = 128, dtype = bf16, tokens-per-block = 16 }";

  private static final int FETCHES = 100;
  private static final int PUTS = 40;

  /** Small jobs before that, so that the compiler has seen every method often enough. */
  private static final int WARM_UP_JOBS = 3_000;

  private static final int WARM_UP_BLOCKS = 4;

  /** And large ones: the compiler sees long loops only there. */
  private static final int LARGE_WARM_UPS = 60;

  /** And then more of them, until the compiler has had nothing to do for so many jobs. */
  private static final int QUIET_JOBS = 24;

  private static final int MOST_WARM_UPS = 200;

  private static final int THREADS = 8;
  private static final double GIGA = 1e9;

  /** What is called the rate of the bare copies. */
  static final String ALONE = "alone_gb_per_s";

  /** What is called what the whole process took of a core, in percent. */
  static final String CPU = "cpu_percent_of_core";

  /** What is called the same without the JVM's compiler, which has done its work some day. */
  static final String OWN_CPU = "cpu_percent_of_core_without_compiler";

  /** What is called the same of the bare copies: what no way to ask for them could go below. */
  static final String ALONE_CPU = "alone_cpu_percent_of_core_without_compiler";

  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  List<BenchResult> run(Plugins plugins, Path scratch) {
    var setting = new GpuStore.Setting("auto", GpuBench.CTAS.getFirst());
    try (GpuStore store =
        GpuStore.open(plugins, config, List.of(setting), 2 * BYTES, MODEL, scratch)) {
      DeviceMemory[] pools = {store.device().allocate(BYTES), store.device().allocate(BYTES)};
      try {
        return run(store, pools);
      } finally {
        pools[0].close();
        pools[1].close();
      }
    }
  }

  private List<BenchResult> run(GpuStore store, DeviceMemory[] pools) {
    try (var set = new GpuSet(store, pools, BYTES, CHUNK)) {
      set.fill();
      try (Caller caller = new Caller(store, pools[1], set)) {
        return List.of(caller.puts(), caller.fetches());
      }
    }
  }

  /** Whoever puts and fetches. */
  private static final class Caller implements AutoCloseable {
    private final KvCache cache;
    private final GpuImage image;
    private final Pool pool;
    private final int[] blocks = GpuImage.shuffled(BLOCKS);
    private final KvRequest all = request(BLOCKS);
    private final GpuSet bare;

    Caller(GpuStore store, DeviceMemory memory, GpuSet bare) {
      this.cache = store.deployment().cache();
      this.image = new GpuImage(store.plain(), memory, BLOCKS, CHUNK);
      this.pool = cache.register(
          EngineMemory.of(cache.model(), KvLayout.LAYER_FIRST, BLOCKS)
              .on(store.device().uuid())
              .rank(0, memory.segment()));
      this.bare = bare;
      warmUp();
    }

    private static KvRequest request(int blocks) {
      return KvRequest.of(
          Tokens.of(IntStream.range(0, blocks * TOKENS_PER_BLOCK).map(i -> i * 7 + 1).toArray()));
    }

    private void warmUp() {
      KvRequest few = request(WARM_UP_BLOCKS);
      int[] some = IntStream.range(0, WARM_UP_BLOCKS).map(i -> blocks[i]).toArray();
      for (int i = 0; i < WARM_UP_JOBS; i++) {
        cache.reset().toCompletableFuture().join();
        moved(cache.put(few, pool, SlotMapping.ofBlocks(some)), WARM_UP_BLOCKS);
        moved(cache.fetch(few, pool, SlotMapping.ofBlocks(some)), WARM_UP_BLOCKS);
      }
    }

    /** What fills and compares memory is compiled too: that is to be over before time is taken. */
    private static Clock warm(Consumer<Clock> job) {
      int quiet = 0;
      for (int i = 0; i < LARGE_WARM_UPS || (quiet < QUIET_JOBS && i < MOST_WARM_UPS); i++) {
        long compiled = COMPILER.getTotalCompilationTime();
        job.accept(new Clock());
        quiet = COMPILER.getTotalCompilationTime() == compiled ? quiet + 1 : 0;
      }
      return new Clock();
    }

    private static void moved(KvTask task, int wanted) {
      KvOutcome outcome = task.outcome().toCompletableFuture().join();
      int blocks = outcome.tokens().count() / TOKENS_PER_BLOCK;
      if (blocks != wanted) {
        throw new IllegalStateException("%d blocks of %d: %s".formatted(blocks, wanted, outcome));
      }
    }

    private void alone(boolean in) {
      GpuSet.check(bare.start(0, in));
    }

    /** The bare copy writes to the hub, so it has its turn while nothing is stored there. */
    private void put(Clock clock) {
      cache.reset().toCompletableFuture().join();
      clock.alone(() -> alone(false));
      clock.time(() -> moved(cache.put(all, pool, SlotMapping.ofBlocks(blocks)), BLOCKS));
    }

    private void fetch(Clock clock) {
      clock.alone(() -> alone(true));
      clock.time(() -> moved(cache.fetch(all, pool, SlotMapping.ofBlocks(blocks)), BLOCKS));
    }

    BenchResult puts() {
      image.fill();
      Clock clock = warm(this::put);
      for (int i = 0; i < PUTS; i++) {
        put(clock);
      }
      return clock.result("gpu.put", () -> {
        image.forget();
        moved(cache.fetch(all, pool, SlotMapping.ofBlocks(blocks)), BLOCKS);
        return image.wrong();
      });
    }

    BenchResult fetches() {
      image.forget();
      Clock clock = warm(this::fetch);
      for (int i = 0; i < FETCHES; i++) {
        fetch(clock);
      }
      return clock.result("gpu.fetch", image::wrong);
    }

    @Override
    public void close() {
      pool.close();
      image.close();
    }
  }

  /** Times jobs, and what of the processor they take. */
  private static final class Clock {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> alone = new ArrayList<>();
    private final CompilerThreads compilers = new CompilerThreads();
    private final ThreadTimes before = ThreadTimes.now();
    private final long began = System.nanoTime();
    private final Effort bareEffort = new Effort();
    private final Effort effort = new Effort();

    /** Times what the next job is compared with. */
    void alone(Runnable copy) {
      alone.add(rate(bareEffort.of(copy, compilers)));
    }

    void time(Runnable job) {
      rates.add(rate(effort.of(job, compilers)));
    }

    private static double rate(long nanos) {
      return BYTES / GIGA / (nanos / GIGA);
    }

    /** Ends the measurement; what is asked for later is not counted. */
    BenchResult result(String name, LongSupplier wrong) {
      long lasted = System.nanoTime() - began;
      Map<String, Long> threads = ThreadTimes.now().since(before, THREADS);
      Map<String, Double> further = new LinkedHashMap<>();
      further.put(ALONE, Turns.median(alone));
      further.put(CPU, effort.percent());
      further.put(OWN_CPU, effort.percentWithoutCompiler());
      further.put(ALONE_CPU, bareEffort.percentWithoutCompiler());
      threads.forEach(
          (thread, nanos) -> further
              .put("thread_percent_" + thread.replace(' ', '-'), 100.0 * nanos / lasted));
      further.put(BenchResult.WRONG_BYTES, (double) wrong.getAsLong());
      Map<String, Object> params = new LinkedHashMap<>();
      params.put("blocks", BLOCKS);
      params.put("block", BenchResult.size(CHUNK * GpuSet.PLANES));
      return new BenchResult(
          name, params, OptionalDouble.empty(), OptionalDouble.of(Turns.median(rates)),
          OptionalDouble.of(GpuCase.ratio(rates, alone)), further);
    }
  }

  /** What the process took of the processor while something ran. */
  private static final class Effort {
    private long wall;
    private long cpu;
    private long compiling;

    /** Runs it; returns how many nanoseconds that took. */
    long of(Runnable something, CompilerThreads compilers) {
      Map<String, Long> compiledBefore = compilers.nanos();
      long cpuBefore = CpuClockNative.process();
      long start = System.nanoTime();
      something.run();
      long took = System.nanoTime() - start;
      cpu += CpuClockNative.process() - cpuBefore;
      compiling += compilers.since(compiledBefore);
      wall += took;
      return took;
    }

    double percent() {
      return 100.0 * cpu / wall;
    }

    double percentWithoutCompiler() {
      return 100.0 * (cpu - compiling) / wall;
    }
  }
}
