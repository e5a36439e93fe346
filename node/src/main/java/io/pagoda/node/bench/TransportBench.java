package io.pagoda.node.bench;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.OpenTransport;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Window;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
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
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  /** What took part, and what was measured. */
  public record Outcome(List<BenchResult> results, String road) {}

  /**
   * Runs it.
   *
   * @param pair beside which
   * @param ucx also beside which
   */
  public Outcome run(Optional<CompiledPair> pair, Optional<UcxPair> ucx, Consumer<String> progress)
      throws IOException {
    PagodaConfig settings = PagodaConfig.load(config, Overrides.NONE);
    long bytes = mostBytes();
    try (Plugins plugins = Plugins.in(settings.plugins());
        OpenTransport here = OpenTransport.open(settings, plugins, type, "bench-here");
        OpenTransport there = OpenTransport.open(settings, plugins, type, "bench-there");
        Arena arena = Arena.ofShared();
        Region local = here.transport().register(arena.allocate(bytes, 4_096));
        Region remote = there.transport().register(arena.allocate(bytes, 4_096));
        Endpoint endpoint = there.transport().listen();
        Grant grant = there.transport()
            .grant(
                new GrantTerms(
                    List.of(Window.of(remote)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
                GrantListener.NONE);
        Link link = here.transport().connect(endpoint.metadata(), DEADLINE)) {
      var run = new Run(link, local, remote, grant.metadata(), pair, ucx);
      List<BenchResult> results = new ArrayList<>();
      progress.accept("one read of 4KiB");
      results.add(run.latency());
      for (long size : sizes) {
        progress.accept("blocks of " + BenchResult.size(size));
        for (Direction direction : Direction.values()) {
          results.add(run.batches(direction, size));
        }
      }
      return new Outcome(results, link.path().toString());
    }
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
    private final Region remote;
    private final GrantMetadata grant;
    private final Optional<CompiledPair> pair;
    private final Optional<UcxPair> ucx;

    Run(
        Link link, Region local, Region remote, GrantMetadata grant, Optional<CompiledPair> pair,
        Optional<UcxPair> ucx) {
      this.link = link;
      this.local = local;
      this.remote = remote;
      this.grant = grant;
      this.pair = pair;
      this.ucx = ucx;
    }

    BenchResult latency() {
      RemoteBatch one = new RemoteBatch(
          Direction.READ, local, new long[1], grant, new long[1], new long[] {SMALL_READ});
      times(one, SMALL_READS);
      long[] nanos = times(one, SMALL_READS);
      Map<String, Double> further = new LinkedHashMap<>();
      further.put("p99_ns", (double) nanos[SMALL_READS * 99 / 100]);
      further.put("p999_ns", (double) nanos[SMALL_READS * 999 / 1000]);
      return new BenchResult(
          "transport.read", Map.of("block", BenchResult.size(SMALL_READ), "batch", 1),
          OptionalDouble.of((double) nanos[SMALL_READS / 2]), OptionalDouble.empty(),
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
      for (int round = 0; round < rounds; round++) {
        own.add(times(batch, times));
        if (pair.isPresent()) {
          byC.add(pair.get().batches(size, blocks, times));
        }
        if (ucx.isPresent()) {
          byUcx.add(ucx.get().batches(direction, size, blocks, times));
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
      further.put(BenchResult.WRONG_BYTES, (double) wrong(direction, size, blocks));
      return new BenchResult(
          "transport." + direction.name().toLowerCase(Locale.ROOT), params,
          OptionalDouble.of(own.at(0.5)), OptionalDouble.of(bytes / own.at(0.5)),
          byC.timesAsSlowAs(own), further);
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
      MemorySegment source = (direction == Direction.READ ? remote : local).memory();
      MemorySegment target = (direction == Direction.READ ? local : remote).memory();
      for (long at = 0; at < bytes; at += Long.BYTES) {
        source.set(ValueLayout.JAVA_LONG, at, (at + 1) * 0x9e3779b97f4a7c15L);
      }
      target.asSlice(0, bytes).fill((byte) 0);
    }

    /** {@return how many bytes are in blocks that are not what was sent} */
    private long wrong(Direction direction, long size, int blocks) {
      long wrong = 0;
      for (int i = 0; i < blocks; i++) {
        MemorySegment here = local.memory().asSlice(i * size, size);
        long from = place(i, blocks) * size;
        MemorySegment there = remote.memory().asSlice(from, size);
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
