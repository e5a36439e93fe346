package io.pagoda.onservers;

import static io.pagoda.onservers.Node.BLOCKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Job;
import io.pagoda.servers.FaultProxy;
import io.pagoda.servers.S3Server;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Engines that have nothing in common but a bucket. */
class SharedBucketTest extends AtS3Proxy {
  /** The breaker's longest pause, some tries, and what a machine with much to do is late by. */
  private static final Duration SOON = Duration.ofSeconds(90);

  private Node node(Client client) {
    return new Node(client, proxy.endpoint(), bucket, Map.of());
  }

  /** What happens to a server. */
  enum Outage {
    KILLED {
      @Override
      void begin(S3Server server, FaultProxy proxy) throws IOException {
        server.kill();
      }

      @Override
      void end(S3Server server, FaultProxy proxy) throws IOException {
        server.restart();
      }
    },
    SILENT {
      @Override
      void begin(S3Server server, FaultProxy proxy) throws IOException {
        proxy.blackHole();
      }

      @Override
      void end(S3Server server, FaultProxy proxy) throws IOException {
        proxy.open();
      }
    };

    abstract void begin(S3Server server, FaultProxy proxy) throws IOException;

    abstract void end(S3Server server, FaultProxy proxy) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void oneFindsWhatTheOtherHasComputed(Client client) {
    try (Node first = node(client);
        Node second = node(client.other())) {
      for (int number = 0; number < 5; number++) {
        assertEquals(BLOCKS, first.put(number, Job::finished).blocks());
      }
      for (int number = 0; number < 5; number++) {
        assertEquals(BLOCKS, second.fetch(number), "prefix " + number);
      }
      assertEquals(5 * BLOCKS, second.discovered());
      assertEquals(0, first.discovered());
    }
  }

  @ParameterizedTest
  @CsvSource({"S3,KILLED", "S3,SILENT", "MINIO,KILLED", "MINIO,SILENT"})
  void bothGoOnWhileTheServerIsAway(Client client, Outage outage) throws IOException {
    // Who puts has the time that it takes; who fetches while the server is away has not.
    try (Node first = node(client);
        Node second = new Node(client, proxy.endpoint(), bucket, Node.HASTY)) {
      assertEquals(BLOCKS, first.put(0, Job::finished).blocks());
      assertEquals(BLOCKS, first.put(1, Job::finished).blocks());
      awaitFetched(second, 0);
      outage.begin(server, proxy);
      assertEquals(BLOCKS, second.fetch(0), "it has a copy of its own");
      assertEquals(0, second.fetch(1), "nobody can tell");
      assertEquals(BLOCKS, second.put(2, Job::outcome).blocks());
      assertEquals(BLOCKS, second.fetch(2), "it has computed that itself");
      outage.end(server, proxy);
      awaitFetched(second, 1);
      first.put(3, Job::finished);
      awaitFetched(second, 3);
    }
  }

  private static void awaitFetched(Node node, int number) {
    long start = System.nanoTime();
    while (node.fetch(number) < BLOCKS) {
      assertTrue(System.nanoTime() - start < SOON.toNanos(), node::toString);
    }
  }
}
