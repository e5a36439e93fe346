package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.servers.S3Server;
import io.pagoda.servers.ServerKind;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Metered.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What both plugins do with a server. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
abstract class OnServer {
  private static final long KIB = 1024;
  private static final Map<String, ?> IN_PARTS =
      Map.of("parts.size", "5MiB", "parts.read-from", "6MiB", "parts.write-from", "6MiB");

  private final ServerKind kind;
  private S3Server server;
  private int buckets;

  OnServer(ServerKind kind) {
    this.kind = kind;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    boolean wanted = kind == ServerKind.S3PROXY || Boolean.getBoolean("pagoda.test.servers");
    Assumptions.assumeTrue(wanted, "mvn -P s3-servers starts " + kind);
    kind.missing().ifPresent(why -> Assumptions.abort(kind + ": " + why));
    server = kind.start(directory);
  }

  @AfterAll
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private String bucket() throws IOException {
    String name = "blocks-" + buckets++;
    server.createBucket(name);
    return name;
  }

  private Peer open(Client client, String bucket, long blockBytes, Map<String, ?> more) {
    return client.open(server.endpoint(), bucket, blockBytes, more);
  }

  @ParameterizedTest
  @CsvSource({"S3,4,8", "S3,1024,4", "S3,8192,2", "S3,65536,1", "MINIO,4,8", "MINIO,1024,4",
    "MINIO,8192,2", "MINIO,65536,1"})
  void whatOneStoresTheOtherFindsAndLoads(Client client, long kib, int blocks) throws IOException {
    String bucket = bucket();
    long[] names = LongStream.rangeClosed(1, blocks).toArray();
    try (Peer writer = open(client, bucket, kib * KIB, Map.of());
        Peer reader = open(client.other(), bucket, kib * KIB, Map.of())) {
      assertEquals(0, reader.find(names));
      assertEquals(BatchResult.COMPLETE, writer.store(names));
      assertEquals(blocks, reader.find(LongStream.rangeClosed(1, blocks + 3).toArray()));
      assertEquals(BatchResult.COMPLETE, reader.load(names));
      assertEquals(BatchResult.COMPLETE, writer.load(names));
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void severalBlocksShareAnObject(Client client) throws IOException {
    String bucket = bucket();
    Map<String, ?> groups = Map.of("blocks-per-object", 4);
    long[] names = LongStream.range(0, 10).toArray();
    try (Peer writer = open(client, bucket, 256 * KIB, groups);
        Peer reader = open(client.other(), bucket, 256 * KIB, groups)) {
      assertEquals(BatchResult.COMPLETE, writer.storeAt(names));
      assertEquals(4, writer.figure(Figure.OBJECTS_STORED), "two groups, and two blocks alone");
      assertEquals(10, reader.find(LongStream.range(0, 13).toArray()));
      assertEquals(BatchResult.COMPLETE, reader.load(names));
      assertEquals(BatchResult.COMPLETE, reader.load(5, 6));
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void writesInPartsAndReadsInRanges(Client client) throws IOException {
    String bucket = bucket();
    try (Peer writer = open(client, bucket, 17 << 20, IN_PARTS);
        Peer reader = open(client, bucket, 17 << 20, IN_PARTS)) {
      assertEquals(BatchResult.COMPLETE, writer.store(1));
      // Begun, four parts, ended; and the first request of all.
      assertTrue(writer.figure(Figure.REQUESTS) >= 7, () -> "requests " + requests(writer));
      long before = requests(reader);
      assertEquals(BatchResult.COMPLETE, reader.load(1));
      assertTrue(requests(reader) - before >= 3, () -> "requests " + requests(reader));
    }
  }

  private static long requests(Peer peer) {
    return peer.figure(Figure.REQUESTS);
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void listsWhatIsThere(Client client) throws IOException {
    String bucket = bucket();
    long[] names = LongStream.rangeClosed(1, 1200).toArray();
    try (Peer writer = open(client, bucket, 64, Map.of())) {
      assertEquals(BatchResult.COMPLETE, writer.store(names));
    }
    try (Peer reader = open(client, bucket, 64, Map.of("look-up.list-at-start", true))) {
      // Those that are looked up before the listing has told of them cost requests.
      int spared = 0;
      for (long name : names) {
        long before = reader.figure(Figure.LOOKED_UP_CACHED);
        assertEquals(1, reader.find(name));
        if (reader.figure(Figure.LOOKED_UP_CACHED) > before) {
          spared++;
        } else if (spared == 0) {
          LockSupport.parkNanos(50_000_000); // it has its time
        }
      }
      assertTrue(spared > 100, spared + " of 1,200 were known by the listing");
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void theFirstToStoreABlockHasStoredIt(Client client) throws IOException {
    String bucket = bucket();
    Map<String, ?> always = Map.of("conditional-put", "always");
    try (Peer first = open(client, bucket, 4096, always);
        Peer second = open(client.other(), bucket, 4096, always)) {
      assertEquals(BatchResult.COMPLETE, first.store(1));
      assertEquals(BatchResult.COMPLETE, second.storeAs(1000, 1));
      assertEquals(1, second.figure(Figure.STORES_SPARED));
      assertEquals(BatchResult.COMPLETE, second.load(1));
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void ofManyWhoStoreABlockTogetherOneDoes(Client client) throws IOException {
    String bucket = bucket();
    Map<String, ?> always = Map.of("conditional-put", "always");
    try (Peer peer = open(client, bucket, 64 * KIB, always);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var stores = IntStream.range(0, 16)
          .mapToObj(age -> CompletableFuture.supplyAsync(() -> peer.storeAs(age, 7), threads))
          .toList();
      stores.forEach(each -> assertEquals(BatchResult.COMPLETE, each.join()));
      long whose = IntStream.range(0, 16).filter(age -> {
        Peer.Loaded loaded = peer.loadAs(age, 7);
        return loaded.moved() == 1 && loaded.sealedWrong() == 0;
      }).count();
      assertEquals(1, whose);
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void namesWrongCredentialsAndAMissingBucket(Client client) throws IOException {
    String bucket = bucket();
    refuses(
        client, bucket, Map.of("secret-key", "wrong-but-of-forty-characters-0000000001"),
        "credentials");
    refuses(client, bucket, Map.of("access-key", "NOBODYKNOWSME"), "credentials");
    refuses(client, "not-there", Map.of(), "bucket");
  }

  private void refuses(Client client, String bucket, Map<String, ?> more, String advice) {
    var refused =
        assertThrows(PagodaException.class, () -> open(client, bucket, 4096, more).close());
    String message = String.valueOf(refused.getMessage()).toLowerCase(Locale.ROOT);
    assertTrue(message.contains(advice), message);
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void speaksTls(Client client) throws IOException {
    String bucket = bucket();
    Map<String, ?> trusting = Map.of("certificate-authorities", server.certificate().toString());
    try (Peer peer = client.open(server.secureEndpoint(), bucket, 2 << 20, trusting)) {
      assertEquals(BatchResult.COMPLETE, peer.store(1, 2, 3));
      assertEquals(3, peer.find(1, 2, 3, 4));
      assertEquals(BatchResult.COMPLETE, peer.load(1, 2, 3));
    }
    var refused = assertThrows(
        PagodaException.class,
        () -> client.open(server.secureEndpoint(), bucket, 4096, Map.of()).close());
    assertTrue(String.valueOf(refused.getMessage()).contains("certif"), refused::getMessage);
  }
}
