package io.pagoda.node.bench;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.OpenTransport;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.TransferEnd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Measures a transport over loopback: batches of blocks in scattered places, one at a time, beside
 * a pair of C programs that do the same with plain send and recv.
 *
 * @param type of the transport
 * @param config its settings hold
 * @param sizes of the blocks, in bytes
 * @param count how many blocks a batch has, unless they were more than {@link #MOST_BYTES}
 * @param rounds how many turns each has
 */
public record TransportBench(
    String type, Optional<Path> config, List<Long> sizes, int count, int rounds) {
  /** No batch is larger: 1,538 blocks of 256 KiB. */
  public static final long MOST_BYTES = 1_538L * (256 << 10);

  private static final long TURN_BYTES = 512L << 20;
  private static final long SMALL_READ = 4_096;
  private static final int SMALL_READS = 20_000;
  private static final int FEW_READS = 200;
  private static final long LATENCY_NANOS = 5_000_000_000L;
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String RDMA = "rdma";

  /**
   * What was measured.
   *
   * @param results the figures
   * @param road how the bytes went
   * @param notes what else people should read, in lines
   */
  public record Outcome(List<BenchResult> results, String road, String notes) {}

  /**
   * What is measured beside the transport, in turns with it.
   *
   * @param pair of programs in C
   * @param ucx of UCX
   */
  public record Beside(Optional<CompiledPair> pair, Optional<UcxPair> ucx) {}

  /** Runs it between two ends in this process. */
  public Outcome run(Beside beside, Consumer<String> progress) throws IOException {
    PagodaConfig settings = PagodaConfig.load(config, Overrides.NONE);
    try (Plugins plugins = Plugins.in(settings.plugins());
        OpenTransport here = OpenTransport.open(settings, plugins, type, "bench-here");
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(mostBytes(), 4_096);
      OpenTransport there = OpenTransport.open(settings, plugins, type, "bench-there");
      try (FarEnd far = new FarEnd(there, memory);
          Link link = here.transport().connect(far.told().peer(), DEADLINE);
          Region local = here.transport().register(arena.allocate(mostBytes(), 4_096))) {
        Optional<Perftest> perftest =
            type.equals(RDMA) ? Perftest.along(link, far.told().peer()) : Optional.empty();
        FarMemory same = new FarMemory.Same(memory);
        return new Run(link, local, same, far.told().grant(), beside, perftest).all(progress);
      }
    }
  }

  /**
   * Runs it with an end that was told of by {@link FarEnd#line}.
   *
   * @throws IllegalArgumentException if the line is none, or that end lends less than is moved
   */
  public Outcome run(String line, Consumer<String> progress) throws IOException {
    FarEnd.Told far = FarEnd.Told.parse(line);
    long bytes = mostBytes();
    if (far.grant().windowBytes(0) < bytes) {
      throw new IllegalArgumentException(
          "%d bytes are moved, and the other end lends %d: give it the same --blocks and --batch"
              .formatted(bytes, far.grant().windowBytes(0)));
    }
    PagodaConfig settings = PagodaConfig.load(config, Overrides.NONE);
    try (Plugins plugins = Plugins.in(settings.plugins());
        OpenTransport here = OpenTransport.open(settings, plugins, type, "bench-here");
        Arena arena = Arena.ofShared();
        Region local = here.transport().register(arena.allocate(bytes, 4_096));
        Region copy = here.transport().register(arena.allocate(bytes, 4_096));
        Link link = here.transport().connect(far.peer(), DEADLINE)) {
      FarMemory other = new FarMemory.Other(link, far.grant(), copy);
      Beside nothing = new Beside(Optional.empty(), Optional.empty());
      return new Run(link, local, other, far.grant(), nothing, Optional.empty()).all(progress);
    }
  }

  /** Lends memory to {@link #run(String, Consumer)} of another process, until the end of a task. */
  public void serve(IoConsumer<FarEnd> task) throws IOException {
    PagodaConfig settings = PagodaConfig.load(config, Overrides.NONE);
    try (Plugins plugins = Plugins.in(settings.plugins());
        Arena arena = Arena.ofShared()) {
      OpenTransport there = OpenTransport.open(settings, plugins, type, "bench-there");
      try (FarEnd far = new FarEnd(there, arena.allocate(mostBytes(), 4_096))) {
        task.accept(far);
      }
    }
  }

  /** What is done with something. */
  @FunctionalInterface
  public interface IoConsumer<T> {
    /** Does it. */
    void accept(T with) throws IOException;
  }

  /** {@return bytes of the largest batch} */
  public long mostBytes() {
    return sizes.stream().mapToLong(size -> size * count(size)).max().orElse(1);
  }

  private int count(long size) {
    return Math.clamp(MOST_BYTES / size, 1, count);
  }

  private final class Run {
    private final Link link;
    private final Region local;
    private final FarMemory far;
    private final GrantMetadata grant;
    private final Optional<CompiledPair> pair;
    private final Optional<UcxPair> ucx;
    private final Optional<Perftest> perftest;

    Run(
        Link link, Region local, FarMemory far, GrantMetadata grant, Beside beside,
        Optional<Perftest> perftest) {
      this.link = link;
      this.local = local;
      this.far = far;
      this.grant = grant;
      pair = beside.pair();
      ucx = beside.ucx();
      this.perftest = perftest;
    }

    Outcome all(Consumer<String> progress) throws IOException {
      List<BenchResult> results = new ArrayList<>();
      progress.accept("one read of 4KiB");
      results.add(latency());
      for (long size : sizes) {
        progress.accept("blocks of " + BenchResult.size(size));
        for (Direction direction : Direction.values()) {
          results.add(batches(direction, size));
        }
      }
      String notes = type.equals(RDMA) ? Perftest.notes(perftest, results) : "";
      return new Outcome(results, link.path().toString(), notes);
    }

    BenchResult latency() {
      RemoteBatch one = new RemoteBatch(
          Direction.READ, local, new long[1], grant, new long[1], new long[] {SMALL_READ});
      long about = times(one, FEW_READS)[FEW_READS / 2];
      int reads = Math.clamp(LATENCY_NANOS / about, FEW_READS, SMALL_READS);
      times(one, reads);
      long[] nanos = times(one, reads);
      Map<String, Double> further = new LinkedHashMap<>();
      further.put("p99_ns", (double) nanos[reads * 99 / 100]);
      further.put("p999_ns", (double) nanos[reads * 999 / 1000]);
      return new BenchResult(
          "transport.read", Map.of("block", BenchResult.size(SMALL_READ), "batch", 1),
          OptionalDouble.of((double) nanos[reads / 2]), OptionalDouble.empty(),
          OptionalDouble.empty(), further);
    }

    /** {@return how long batches took, the fastest first} */
    private long[] times(RemoteBatch batch, int times) {
      long[] nanos = new long[times];
      for (int i = 0; i < times; i++) {
        long began = System.nanoTime();
        TransferEnd end = link.post(batch, DEADLINE).ended().toCompletableFuture().join();
        nanos[i] = System.nanoTime() - began;
        end.failure().ifPresent(why -> {
          throw new PagodaException(Fault.PERMANENT, "bench transport: " + why.getMessage(), why);
        });
      }
      Arrays.sort(nanos);
      return nanos;
    }

    BenchResult batches(Direction direction, long size) throws IOException {
      int blocks = count(size);
      long bytes = size * blocks;
      int times = Math.clamp(TURN_BYTES / bytes, 3, 200);
      RemoteBatch batch = batch(direction, size, blocks);
      fill(direction, bytes);
      times(batch, times);
      var own = new Measured(rounds);
      var byC = new Measured(rounds);
      var byUcx = new Measured(rounds);
      List<Perftest.Rates> byPerftest = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        own.add(times(batch, times));
        if (pair.isPresent()) {
          byC.add(pair.get().batches(size, blocks, times));
        }
        if (ucx.isPresent()) {
          byUcx.add(ucx.get().batches(direction, size, blocks, times));
        }
        if (perftest.isPresent()) {
          byPerftest.add(perftest.get().rates(direction, size));
        }
      }
      Map<String, Object> params = new LinkedHashMap<>();
      params.put("block", BenchResult.size(size));
      params.put("batch", blocks);
      Map<String, Double> further = new LinkedHashMap<>();
      further.put("p99_ns", own.at(0.99));
      further.put("blocks_per_second", blocks / own.at(0.5) * 1e9);
      byC.add(further, "c", own, bytes);
      byUcx.add(further, "ucx", own, bytes);
      OptionalDouble limit = Perftest.add(further, byPerftest, own, bytes);
      further.put(BenchResult.WRONG_BYTES, (double) wrong(direction, size, blocks));
      return new BenchResult(
          "transport." + direction.name().toLowerCase(Locale.ROOT), params,
          OptionalDouble.of(own.at(0.5)), OptionalDouble.of(bytes / own.at(0.5)),
          limit.isPresent() ? limit : byC.timesAsSlowAs(own), further);
    }

    /** Block {@code i} here is block {@code place(i)} there. */
    private RemoteBatch batch(Direction direction, long size, int blocks) {
      long[] here = new long[blocks];
      long[] there = new long[blocks];
      long[] lengths = new long[blocks];
      for (int i = 0; i < blocks; i++) {
        here[i] = i * size;
        there[i] = place(i, blocks) * size;
        lengths[i] = size;
      }
      return new RemoteBatch(direction, local, here, grant, there, lengths);
    }

    private long place(int block, int blocks) {
      return blocks - 1L - block;
    }

    private void fill(Direction direction, long bytes) {
      MemorySegment source = direction == Direction.READ ? far.memory() : local.memory();
      MemorySegment target = direction == Direction.READ ? local.memory() : far.memory();
      for (long at = 0; at < bytes; at += Long.BYTES) {
        source.set(ValueLayout.JAVA_LONG, at, (at + 1) * 0x9e3779b97f4a7c15L);
      }
      target.asSlice(0, bytes).fill((byte) 0);
      far.push(bytes);
    }

    /** {@return how many bytes are in blocks that are not what was sent} */
    private long wrong(Direction direction, long size, int blocks) {
      long wrong = 0;
      far.pull(size * blocks);
      for (int i = 0; i < blocks; i++) {
        MemorySegment here = local.memory().asSlice(i * size, size);
        long from = place(i, blocks) * size;
        MemorySegment there = far.memory().asSlice(from, size);
        MemorySegment source = direction == Direction.READ ? there : here;
        long first = direction == Direction.READ ? from : i * size;
        boolean right = here.mismatch(there) < 0
            && source.get(ValueLayout.JAVA_LONG, 0) == (first + 1) * 0x9e3779b97f4a7c15L;
        wrong += right ? 0 : size;
      }
      return wrong;
    }
  }
}
