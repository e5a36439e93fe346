package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.servers.FaultProxy;
import io.pagoda.servers.S3Server;
import io.pagoda.servers.ServerKind;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests at an S3Proxy of their own, each with a bucket and a proxy that makes faults. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
abstract class AtS3Proxy {
  private int buckets;
  S3Server server;
  FaultProxy proxy;
  String bucket;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    server = ServerKind.S3PROXY.start(directory);
    server.createBucket("first-words");
    for (Client client : Client.values()) {
      meet(client);
    }
  }

  /** The first words of both sides take seconds, if the machine has other things to do. */
  private void meet(Client client) {
    try (Peer peer = client.open(server.endpoint(), "first-words", 4096, Map.of())) {
      assertEquals(BatchResult.COMPLETE, peer.store(1));
      assertEquals(BatchResult.COMPLETE, peer.load(1));
    }
  }

  @AfterAll
  void stop() throws IOException {
    server.close();
  }

  @BeforeEach
  void open() throws IOException {
    bucket = "blocks-" + buckets++;
    server.createBucket(bucket);
    proxy = new FaultProxy(server.endpoint());
  }

  @AfterEach
  void close() {
    proxy.close();
  }
}
