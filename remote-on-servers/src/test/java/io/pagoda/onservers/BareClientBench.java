package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.pagoda.servers.S3Server;
import io.pagoda.servers.ServerKind;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both tiers beside AWS's client, in turns on one server: prints a line of JSON for each case. Run
 * with {@code -Dpagoda.test.bench=S3PROXY -Dtest=BareClientBench}.
 */
@EnabledIfSystemProperty(named = "pagoda.test.bench", matches = "[A-Z0-9]+")
class BareClientBench {
  private static final int CONCURRENCY = 8;
  private static final int ROUNDS = 7;
  private static final int WARM_UPS = 4;
  /** All turns together fit into the memory of a server that keeps all there. */
  private static final long TURN_BYTES = 128 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What moves a block of a number between memory and server. */
  private interface Mover extends BiFunction<Integer, MemorySegment, CompletableFuture<?>> {}

  /** A way to store and to load. */
  private record Way(String name, Mover store, Mover load) {}

  /** What a turn has brought: 10^9 bytes a second, and bytes of the heap per block. */
  private record Turn(double rate, double heap) {}

  @Test
  void besideTheBareClient(@TempDir Path directory) throws IOException {
    var kind = ServerKind.valueOf(System.getProperty("pagoda.test.bench"));
    try (S3Server server = kind.start(directory)) {
      for (int mebibytes : new int[] {2, 8}) {
        server.createBucket("bench");
        measure(server, mebibytes << 20);
      }
    }
  }

  private static void measure(S3Server server, int blockBytes) {
    Map<String, ?> more = Map.of("deadline", "60s", "stall", "30s");
    try (Arena arena = Arena.ofShared();
        Peer s3 = Client.S3.open(server.endpoint(), "bench", blockBytes, more);
        Peer minio = Client.MINIO.open(server.endpoint(), "bench", blockBytes, more);
        var bare = new BareClient(server.endpoint(), "bench")) {
      MemorySegment[] memory = new MemorySegment[CONCURRENCY];
      Arrays.setAll(memory, i -> arena.allocate(blockBytes, 4096).fill((byte) (i + 1)));
      var round = new AtomicInteger();
      List<Way> ways = List.of(
          new Way(
              "bare", (i, at) -> bare.put("bare/" + i, at), (i, at) -> bare.get("bare/" + i, at)),
          way("s3", s3, 1 << 20, round), way("minio", minio, 1 << 21, round));
      Map<String, List<Turn>> turns = new HashMap<>();
      int count = (int) (TURN_BYTES / blockBytes);
      for (int i = -WARM_UPS; i < ROUNDS; i++) {
        round.incrementAndGet();
        for (boolean store : new boolean[] {true, false}) {
          for (int j = 0; j < ways.size(); j++) {
            Way way = ways.get(Math.floorMod(i + j, ways.size()));
            Turn turn = turn(store ? way.store : way.load, count, memory, blockBytes);
            if (i >= 0) {
              turns.computeIfAbsent(way.name + (store ? ".store" : ".load"), _ -> new ArrayList<>())
                  .add(turn);
            }
          }
        }
      }
      print(server, blockBytes, turns);
    }
  }

  /** Every round has names of its own: what is there already is not stored again. */
  private static Way way(String name, Peer peer, long base, AtomicInteger round) {
    return new Way(
        name,
        (i, at) -> peer.storeFrom(at, base + round.get() * 10_000L + i)
            .thenAccept(BareClientBench::whole),
        (i, at) -> peer.loadInto(at, base + round.get() * 10_000L + i)
            .thenAccept(BareClientBench::whole));
  }

  private static Turn turn(Mover mover, int count, MemorySegment[] memory, long blockBytes) {
    var next = new AtomicInteger();
    long heap = THREADS.getTotalThreadAllocatedBytes();
    long start = System.nanoTime();
    List<CompletableFuture<?>> lanes = new ArrayList<>();
    for (MemorySegment each : memory) {
      lanes.add(lane(mover, next, count, each));
    }
    lanes.forEach(CompletableFuture::join);
    double nanos = System.nanoTime() - start;
    return new Turn(
        count * blockBytes / nanos,
        (double) (THREADS.getTotalThreadAllocatedBytes() - heap) / count);
  }

  private static CompletableFuture<?> lane(
      Mover mover, AtomicInteger next, int count, MemorySegment memory) {
    int i = next.getAndIncrement();
    return i >= count
        ? CompletableFuture.completedFuture(null)
        : mover.apply(i, memory).thenCompose(_ -> lane(mover, next, count, memory));
  }

  private static void print(S3Server server, long blockBytes, Map<String, List<Turn>> turns) {
    for (String what : List.of("store", "load")) {
      List<Turn> bare = turns.getOrDefault("bare." + what, List.of());
      for (String name : List.of("bare", "s3", "minio")) {
        List<Turn> its = turns.getOrDefault(name + "." + what, List.of());
        double[] ratios = new double[its.size()];
        Arrays.setAll(ratios, i -> its.get(i).rate / bare.get(i).rate);
        System.out.println(
            String.format(
                Locale.ROOT,
                "{\"server\":\"%s\",\"client\":\"%s\",\"what\":\"%s\",\"block\":%d,"
                    + "\"concurrency\":%d,\"gb_per_s\":%.3f,\"ratio_to_bare\":%.3f,"
                    + "\"heap_bytes_per_block\":%.0f}",
                server, name, what, blockBytes, CONCURRENCY,
                median(its.stream().mapToDouble(Turn::rate).toArray()), median(ratios),
                median(its.stream().mapToDouble(Turn::heap).toArray())));
      }
    }
  }

  private static double median(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void whole(BatchResult result) {
    assertEquals(BatchResult.COMPLETE, result);
  }
}
