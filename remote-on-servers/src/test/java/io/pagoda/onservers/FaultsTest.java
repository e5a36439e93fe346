package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.servers.Fault;
import io.pagoda.servers.Fault.End;
import io.pagoda.servers.Fault.Way;
import io.pagoda.servers.FaultProxy;
import io.pagoda.servers.Script;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever goes wrong on the way, blocks arrive as they were stored or not at all, in time. */
class FaultsTest extends AtS3Proxy {
  private static final int BLOCK = 1 << 20;
  /** For what is to succeed, on a machine that has other things to do. */
  private static final Duration ENOUGH = Duration.ofSeconds(25);

  /** For what cannot succeed. */
  private static final Duration SHORT = Duration.ofSeconds(4);

  /** What a machine with much to do is late by. */
  private static final Duration SLACK = Duration.ofSeconds(20);

  /** Of one that does not get what it wants; also if it finds nobody when it opens. */
  private static final Map<String, ?> HASTY = Map.of(
      "deadline", SHORT.toMillis() + "ms", "stall", "1s", "look-up.deadline", "3s",
      "on-unreachable", "tolerate");

  private static final List<Fault> FAULTS = List.of(
      new Fault.Cut(Way.UP, 1000, End.CLOSE), new Fault.Cut(Way.UP, 500_000, End.RESET),
      new Fault.Cut(Way.DOWN, 0, End.CLOSE), new Fault.Cut(Way.DOWN, 500_000, End.CLOSE),
      new Fault.Cut(Way.DOWN, 500_000, End.RESET), new Fault.Stall(Way.UP, 300_000),
      new Fault.Stall(Way.DOWN, 300_000), new Fault.Slow(200_000),
      new Fault.Corrupt(Way.UP, 700_000), new Fault.Corrupt(Way.DOWN, 700_000),
      Fault.Reply.INTERNAL_ERROR, Fault.Reply.SLOW_DOWN, new Fault.DropResponse());

  private static Stream<Arguments> faults() {
    return Stream.of(Client.values())
        .flatMap(client -> FAULTS.stream().map(fault -> Arguments.of(client, fault)));
  }

  private Peer through(Client client, Map<String, ?> more) {
    return through(client, BLOCK, more);
  }

  private Peer through(Client client, int blockBytes, Map<String, ?> more) {
    Map<String, Object> settings = new HashMap<>(
        Map.of(
            "deadline", ENOUGH.toMillis() + "ms", "stall", "3s", "retry.backoff", "5ms",
            "retry.backoff-limit", "50ms", "breaker.failures", 1000, "breaker.pause", "100ms"));
    settings.putAll(more);
    return client.open(proxy.endpoint(), bucket, blockBytes, settings);
  }

  private Peer straight(Client client, int blockBytes) {
    return client.open(server.endpoint(), bucket, blockBytes, Map.of());
  }

  private static void inTime(Duration deadline, Runnable what) {
    long before = System.nanoTime();
    what.run();
    var took = Duration.ofNanos(System.nanoTime() - before);
    assertTrue(took.compareTo(deadline.plus(SLACK)) <= 0, () -> "it took " + took);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aLoadGetsOverAFaultNowAndThen(Client client, Fault fault) {
    try (Peer peer = through(client, Map.of());
        Peer writer = straight(client, BLOCK)) {
      assertEquals(BatchResult.COMPLETE, writer.store(1, 2, 3, 4));
      // Both could meet one block, and what comes spoilt twice is a miss.
      Fault[] faults =
          fault instanceof Fault.Corrupt ? new Fault[] {fault} : new Fault[] {fault, fault};
      proxy.script(Script.inOrder(faults).only("GET"));
      inTime(ENOUGH, () -> {
        BatchResult result = peer.load(1, 2, 3, 4);
        assertEquals(BatchResult.COMPLETE, result, fault::toString);
      });
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aLoadThatCannotSucceedEndsInTime(Client client, Fault fault) {
    try (Peer peer = through(client, HASTY);
        Peer writer = straight(client, BLOCK)) {
      assertEquals(BatchResult.COMPLETE, writer.store(1, 2));
      proxy.script(Script.always(fault));
      // Whatever came is compared.
      inTime(SHORT, () -> peer.load(1, 2));
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aStoreIsWholeOrNotThere(Client client, Fault fault) {
    try (Peer peer = through(client, Map.of());
        Peer reader = straight(client, BLOCK)) {
      proxy.script(Script.inOrder(fault, fault).only("PUT"));
      inTime(ENOUGH, () -> peer.store(1, 2, 3));
      BatchResult loaded = reader.load(1, 2, 3);
      boolean spoils = fault instanceof Fault.Corrupt(Way way, _) && way == Way.UP;
      assertTrue(spoils || loaded.equals(BatchResult.COMPLETE), () -> fault + ": " + loaded);
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void aDownloadCutTenTimesGoesOn(Client client) {
    int bytes = 8 << 20;
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    try (Peer peer = through(client, bytes, Map.of("deadline", "60s", "stall", "20s"));
        Peer writer = straight(client, bytes)) {
      assertEquals(BatchResult.COMPLETE, writer.store(1));
      Fault[] cuts =
          Stream.generate(() -> new Fault.Cut(Way.DOWN, 1 + random.nextInt(bytes / 11), End.CLOSE))
              .limit(10)
              .toArray(Fault[]::new);
      proxy.script(Script.inOrder(cuts).only("GET"));
      FaultProxy.Counts before = proxy.counts();
      assertEquals(BatchResult.COMPLETE, peer.load(1));
      FaultProxy.Counts now = proxy.counts().minus(before);
      assertTrue(now.requests() >= 11, () -> now + ", seed " + seed);
      assertTrue(now.bytesDown() < 1.2 * bytes, () -> now + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void aServerThatIsGoneIsAMissAndComesBack(Client client) throws IOException {
    Map<String, Object> settings = new HashMap<>(HASTY);
    settings.put("breaker.failures", 4);
    try (Peer peer = through(client, settings);
        Peer writer = straight(client, BLOCK)) {
      assertEquals(BatchResult.COMPLETE, writer.store(1, 2));
      proxy.refuse();
      inTime(SHORT, () -> assertEquals(0, peer.find(1, 2)));
      inTime(SHORT, () -> assertEquals(0, peer.loadAs(0, 1, 2).moved()));
      proxy.open();
      comesBack(peer);
      proxy.blackHole();
      inTime(SHORT, () -> assertEquals(0, peer.loadAs(0, 1, 2).moved()));
      proxy.open();
      comesBack(peer);
    }
  }

  private static void comesBack(Peer peer) {
    long end = System.nanoTime() + 120_000_000_000L;
    while (!peer.load(1, 2).equals(BatchResult.COMPLETE)) {
      assertTrue(System.nanoTime() < end, "it does not come back");
    }
  }
}
