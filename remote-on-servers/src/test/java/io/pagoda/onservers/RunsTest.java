package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.servers.Fault;
import io.pagoda.servers.Fault.Way;
import io.pagoda.servers.Script;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Metered.Figure;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Several blocks in an object, at a server. A block's name is its depth. */
class RunsTest extends AtS3Proxy {
  private static final int KIB = 1024;
  private static final int GROUP = 4;

  private Peer open(Client client, int blockBytes, int group) {
    Map<String, ?> more = Map.of("blocks-per-object", group, "concurrency", 8);
    return client.open(server.endpoint(), bucket, blockBytes, more);
  }

  private static long[] names(long from, long to) {
    return LongStream.range(from, to).toArray();
  }

  @ParameterizedTest
  @CsvSource({"S3,4,40", "S3,1024,10", "S3,2048,9", "MINIO,4,40", "MINIO,1024,10", "MINIO,2048,9"})
  void whatOneStoresTheOtherFindsAndLoads(Client client, int kib, int blocks) {
    long[] names = names(0, blocks);
    try (Peer writer = open(client, kib * KIB, GROUP);
        Peer reader = open(client.other(), kib * KIB, GROUP)) {
      assertEquals(0, reader.find(names));
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names));
      int groups = blocks / GROUP;
      assertEquals(groups + blocks % GROUP, writer.figure(Figure.OBJECTS_STORED));
      assertEquals(blocks, reader.find(names(0, blocks + 3)));
      assertEquals(BatchResult.COMPLETE, reader.load(names));
      assertEquals(groups + blocks % GROUP, reader.figure(Figure.OBJECTS_LOADED));
      assertEquals(BatchResult.COMPLETE, writer.load(names(3, blocks - 1)));
      assertEquals(BatchResult.COMPLETE, reader.load(5));
    }
  }

  @ParameterizedTest
  @CsvSource({"S3,none", "S3,lz4", "MINIO,zstd"})
  void packedRunsAreReadByAll(Client client, String compression) {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    Map<String, ?> packed = Map.of("blocks-per-object", 8, "compression", compression);
    try (Peer writer = client.open(server.endpoint(), bucket, 100_000, packed)) {
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names(0, 30)));
    }
    for (int round = 0; round < 10; round++) {
      try (Peer reader = open(client.other(), 100_000, 8)) {
        assertEquals(30, reader.find(names(0, 33)));
        long[] some = LongStream.range(0, 30).filter(_ -> random.nextBoolean()).toArray();
        if (some.length > 0) {
          assertEquals(BatchResult.COMPLETE, reader.load(some), () -> "seed " + seed);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void aPrefixEndsWithinAGroupAndGrows(Client client) {
    try (Peer writer = open(client, 64 * KIB, GROUP)) {
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names(0, 6)));
      try (Peer reader = open(client, 64 * KIB, GROUP)) {
        assertEquals(6, reader.find(names(0, 9)));
        assertEquals(BatchResult.COMPLETE, reader.load(names(0, 6)));
      }
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names(6, 12)));
      try (Peer reader = open(client.other(), 64 * KIB, GROUP)) {
        assertEquals(12, reader.find(names(0, 13)));
        assertEquals(BatchResult.COMPLETE, reader.load(names(0, 12)));
        assertEquals(7, reader.findAt(5, names(5, 14)));
      }
      try (Peer fresh = open(client, 64 * KIB, GROUP)) {
        assertEquals(8, fresh.find(names(0, 10)), "the last key of the third group is unknown");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void severalStoreOnePrefixTogether(Client client) {
    try (Peer one = open(client, 64 * KIB, GROUP);
        Peer other = open(client.other(), 64 * KIB, GROUP);
        Peer alone = open(client, 64 * KIB, 1)) {
      var stores = IntStream.range(0, 9)
          .mapToObj(i -> i % 3 == 0 ? one : i % 3 == 1 ? other : alone)
          .map(peer -> CompletableFuture.supplyAsync(() -> peer.storeAt(names(0, 22))))
          .toList();
      stores.forEach(each -> assertEquals(BatchResult.COMPLETE, each.join()));
      for (Peer each : new Peer[] {one, other, alone}) {
        assertEquals(BatchResult.COMPLETE, each.load(names(0, 22)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void whatIsSpoiltOnItsWayIsMissedOrRight(Client client) throws IOException {
    int block = 256 * KIB;
    try (Peer writer = open(client, block, GROUP);
        Peer reader = client.open(
            proxy.endpoint(), bucket, block,
            Map.of("blocks-per-object", GROUP, "breaker.failures", 1000))) {
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names(0, 8)));
      assertEquals(8, reader.find(names(0, 8)));
      var spoilt = new Fault.Corrupt(Way.DOWN, 200_000);
      proxy.script(Script.inOrder(spoilt).only("GET"));
      assertEquals(BatchResult.COMPLETE, reader.load(names(0, 8)), "it is read again");
      proxy.script(Script.always(spoilt));
      Peer.Loaded loaded = reader.loadAs(0, names(0, 4));
      assertEquals(0, loaded.sealedWrong());
      assertEquals(3, loaded.moved(), "the first block is spoilt");
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void cleaningLeavesWhatIsUsed(Client client) {
    int block = 64 * KIB;
    try (Peer writer = open(client, block, GROUP)) {
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names(0, 16)));
    }
    Map<String, ?> settings = Map.of(
        "blocks-per-object", GROUP, "cleaner", true, "clean-every", "50ms", "blocks", 1,
        "look-up.present-for", "1ms");
    try (Peer cleaner =
        new Peer(client.tier(server.endpoint(), bucket, block, settings), (keys, refused) -> {
          var used = new BitSet();
          for (int i = 0; i < keys.length / 2; i++) {
            used.set(i, keys[2 * i + 1] == 6); // within the second group
          }
          refused.accept(used);
        })) {
      long end = System.nanoTime() + 60_000_000_000L;
      while (cleaner.figure(Figure.CLEANED) < 12) {
        assertTrue(System.nanoTime() < end, "it does not clean");
        Thread.onSpinWait();
      }
      assertEquals(0, cleaner.find(names(0, 4)));
      assertEquals(4, cleaner.findAt(4, names(4, 16)));
      assertEquals(BatchResult.COMPLETE, cleaner.load(names(4, 8)));
    }
  }
}
