package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.s3.AccessKey;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.servers.Credentials;
import io.pagoda.servers.S3Server;
import io.pagoda.servers.ServerKind;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.KeyedTierContract;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The contract of keyed tiers, and what is wrong at start, at servers that are real. */
class ServersContractTest {
  @Nested
  class AtS3Proxy extends At {
    AtS3Proxy() {
      super(ServerKind.S3PROXY);
    }
  }

  @Nested
  class AtCeph extends At {
    AtCeph() {
      super(ServerKind.CEPH);
    }
  }

  @Nested
  class AtMinio extends At {
    AtMinio() {
      super(ServerKind.MINIO);
    }
  }

  /** Every test has a prefix of its own at one server. */
  @TestInstance(Lifecycle.PER_CLASS)
  abstract static class At implements KeyedTierContract {
    private static final Credentials USER = Credentials.TEST;

    private final ServerKind kind;
    private final AtomicInteger tests = new AtomicInteger();
    private Optional<S3Server> server = Optional.empty();

    At(ServerKind kind) {
      this.kind = kind;
    }

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
      Assumptions.assumeTrue(
          kind == ServerKind.S3PROXY || Boolean.getBoolean("pagoda.test.servers"),
          "mvn -P s3-servers starts " + kind);
      kind.missing().ifPresent(why -> Assumptions.abort(kind + ": " + why));
      server = Optional.of(kind.start(directory));
      running().createBucket("blocks");
    }

    @AfterAll
    void stop() throws IOException {
      if (server.isPresent()) {
        running().close();
      }
    }

    @BeforeEach
    void count() {
      tests.incrementAndGet();
    }

    private S3Server running() {
      return server.orElseThrow();
    }

    @Override
    public StorageTier open() {
      return tier(100_003, running().endpoint(), "blocks", USER, Optional.empty());
    }

    private ObjectTier tier(
        long blockBytes, URI endpoint, String bucket, Credentials user,
        Optional<Path> certificate) {
      var s3 = new BucketSettings(
          Optional.of(endpoint), S3Server.REGION, bucket, true,
          Optional.of(new AccessKey(user.key(), user.secret(), "")), certificate,
          Duration.ofSeconds(10), Duration.ofSeconds(10));
      return ObjectTier.open(
          Rig.objects("test" + tests.get(), blockBytes, Rig.calm(), OnUnreachable.REFUSE),
          Rig.host(blockBytes), S3Bucket.open(s3, Rig::start));
    }

    @Test
    void movesBlocksOfEverySize() {
      for (long bytes : new long[] {4 << 10, 1 << 20, 8 << 20, 64 << 20}) {
        try (Node node =
            new Node(tier(bytes, running().endpoint(), "blocks", USER, Optional.empty()))) {
          assertEquals(BatchResult.COMPLETE, node.store(1, 2));
          assertEquals(2, node.find(1, 2, 3));
          assertEquals(BatchResult.COMPLETE, node.load(2, 1));
        }
      }
    }

    @Test
    void movesBlocksThroughTls() {
      try (Node node = new Node(
          tier(
              1 << 20, running().secureEndpoint(), "blocks", USER,
              Optional.of(running().certificate())))) {
        assertEquals(BatchResult.COMPLETE, node.store(1, 2));
        assertEquals(BatchResult.COMPLETE, node.load(2, 1));
      }
    }

    @Test
    void saysWhatIsWrongAtStart() {
      URI here = running().endpoint();
      var none = Optional.<Path>empty();
      assertRefused(
          tier(10, here, "blocks", new Credentials(USER.key(), "x".repeat(40)), none),
          "Check the credentials");
      assertRefused(
          tier(10, here, "blocks", new Credentials("nobody", "x".repeat(40)), none),
          "Check the credentials");
      assertRefused(tier(10, here, "elsewhere", USER, none), "Create the bucket");
    }

    private static void assertRefused(ObjectTier tier, String advice) {
      var refused = assertThrows(PagodaException.class, () -> new Node(tier));
      assertTrue(String.valueOf(refused.getMessage()).contains(advice), refused::getMessage);
    }
  }
}
