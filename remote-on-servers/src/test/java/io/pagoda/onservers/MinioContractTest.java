package io.pagoda.onservers;

import io.pagoda.servers.S3Server;
import io.pagoda.servers.ServerKind;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.KeyedTierContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract of keyed tiers, through the client of MinIO. */
class MinioContractTest implements KeyedTierContract {
  private static S3Server server;
  private static int tests;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    server = ServerKind.S3PROXY.start(directory);
    server.createBucket("blocks");
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @BeforeEach
  void count() {
    tests++;
  }

  @Override
  public StorageTier open() {
    return client().tier(
        server.endpoint(), "blocks", 100_003,
        Map.of("prefix", "test" + tests, "blocks-per-object", blocksPerObject()));
  }

  Client client() {
    return Client.MINIO;
  }

  int blocksPerObject() {
    return 1;
  }
}
