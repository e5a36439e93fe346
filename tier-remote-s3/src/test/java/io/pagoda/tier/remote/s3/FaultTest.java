package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.objects.Patience;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Metered.Figure;
import io.pagoda.tck.Seeded;
import io.pagoda.tier.remote.s3.Server.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever a server does, blocks arrive as they were stored or not at all, in time. */
@ExtendWith(Seeded.class)
@Timeout(300)
class FaultTest {
  private static final long BLOCK = 1 << 20;

  private final Server server = new Server();

  @AfterEach
  void stop() {
    server.close();
  }

  private Node node() {
    return new Node(Rig.tier(server, BLOCK));
  }

  private void misbehave(String begins, Kind kind, long at) {
    server.faults.add(new Server.Fault(begins, kind, at));
  }

  @Test
  void goesOnWhereADownloadWasCut(Random random) {
    try (Node node = node()) {
      assertEquals(BatchResult.COMPLETE, node.store(1));
      for (int i = 0; i < 10; i++) {
        misbehave("GET", Kind.CUT, random.nextLong(BLOCK / 10));
      }
      server.sent.set(0);
      assertEquals(BatchResult.COMPLETE, node.load(1));
      assertTrue(server.sent.get() < BLOCK * 1.01, () -> "bytes sent: " + server.sent);
      assertEquals(0, server.faults.size(), "faults that did not happen");
    }
  }

  @Test
  void triesAgainWhenAServerStalls() {
    try (Node node = new Node(Rig.tier(server, BLOCK, Rig.patience(Duration.ofSeconds(3))))) {
      node.store(1);
      misbehave("GET", Kind.STALL, 5_000);
      assertEquals(BatchResult.COMPLETE, node.load(1));
      misbehave("PUT", Kind.IGNORE, 0);
      assertEquals(BatchResult.COMPLETE, node.store(2));
      assertEquals(BatchResult.COMPLETE, node.load(2));
    }
  }

  @Test
  void triesAgainWhatAServerCannotDoAtPresent() {
    for (int status : new int[] {500, 502, 503}) {
      try (Node node = new Node(Rig.tier(server, BLOCK, Rig.calm()))) {
        misbehave("PUT", Kind.STATUS, status);
        assertEquals(BatchResult.COMPLETE, node.store(status));
        misbehave("GET", Kind.STATUS, status);
        assertEquals(BatchResult.COMPLETE, node.load(status));
        assertEquals(2, node.figure(Figure.RETRIES));
      }
    }
  }

  @Test
  void asksForLessWhenTheServerAsksForThat() {
    try (Node node = node()) {
      long before = node.figure(Figure.REQUESTS_AT_ONCE);
      misbehave("PUT", Kind.STATUS, 503);
      node.store(1);
      long after = node.figure(Figure.REQUESTS_AT_ONCE);
      assertTrue(after <= before / 2 + 1, () -> before + " then " + after);
    }
  }

  @Test
  void readsAgainWhatHasGoneWrongOnItsWay() {
    try (Node node = node()) {
      node.store(1);
      misbehave("GET", Kind.CORRUPT, 500_000);
      assertEquals(BatchResult.COMPLETE, node.load(1));
      misbehave("GET", Kind.CORRUPT, 20);
      assertEquals(BatchResult.COMPLETE, node.load(1));
    }
  }

  @Test
  void storesAnewWhatIsWrongForGood() {
    try (Node node = node()) {
      node.store(1);
      server.objects.forEach((_, bytes) -> bytes[700_000] ^= 1);
      BatchResult.Failed failed = assertInstanceOf(BatchResult.Failed.class, node.load(1));
      assertEquals(Fault.PERMANENT, failed.cause().fault());
      assertEquals(0, node.find(1));
      assertEquals(BatchResult.COMPLETE, node.store(1));
      assertEquals(BatchResult.COMPLETE, node.load(1));
    }
  }

  @Test
  void knowsItsOwnWorkWhenTheAnswerWasLost() {
    try (Node node = node()) {
      node.store(9);
      misbehave("PUT", Kind.SILENT, 0);
      assertEquals(BatchResult.COMPLETE, node.store(1));
      assertEquals(BatchResult.COMPLETE, node.load(1));
    }
  }

  @Test
  void keepsToItsDeadline() {
    var patience = new Patience(
        Duration.ofSeconds(3), Duration.ofSeconds(1), 1000, Duration.ofMillis(1),
        Duration.ofMillis(5), 10_000, 0.5, 1000, Duration.ofMillis(100), Duration.ofMillis(400),
        Optional.empty());
    try (Node calm = node()) {
      assertEquals(BatchResult.COMPLETE, calm.store(1));
    }
    try (Node node = new Node(Rig.tier(server, BLOCK, patience, OnUnreachable.TOLERATE))) {
      for (int i = 0; i < 1000; i++) {
        misbehave("GET", Kind.IGNORE, 0);
      }
      long began = System.nanoTime();
      BatchResult.Failed failed = assertInstanceOf(BatchResult.Failed.class, node.load(1));
      long took = (System.nanoTime() - began) / 1_000_000;
      assertEquals(Fault.TRANSIENT, failed.cause().fault());
      assertTrue(took < 30_000, () -> "took " + took + " ms");
      server.faults.clear();
    }
  }

  @Test
  void leavesAServerAloneThatDoesNotAnswer() {
    // So long that nobody asks once more because a machine stands still.
    var patience = new Patience(
        Duration.ofSeconds(40), Duration.ofSeconds(20), 4, Duration.ofMillis(1),
        Duration.ofMillis(5), 1000, 0.5, 8, Duration.ofSeconds(6), Duration.ofSeconds(6),
        Optional.empty());
    try (Node node = new Node(Rig.tier(server, BLOCK, patience))) {
      node.store(1);
      for (int i = 0; i < 40; i++) {
        misbehave("GET", Kind.STATUS, 500);
      }
      for (int i = 0; i < 5; i++) {
        node.load(1);
      }
      assertTrue(node.tier.trouble().contains("500"), () -> "trouble: " + node.tier.trouble());
      int asked = server.requests.get();
      assertEquals(Fault.TRANSIENT, ((BatchResult.Failed) node.load(1)).cause().fault());
      assertEquals(0, node.find(7));
      assertTrue(server.requests.get() - asked <= 1, "the server is asked no more");
      server.faults.clear();
      while (!node.load(1).moved(0)) {
        LockSupport.parkNanos(100_000_000);
      }
      assertEquals("", node.tier.trouble());
    }
  }

  @Test
  void hedgesAReadThatDoesNotBegin() {
    var patience = new Patience(
        Duration.ofSeconds(50), Duration.ofSeconds(40), 4, Duration.ofMillis(1),
        Duration.ofMillis(5), 1000, 0.5, 8, Duration.ofMillis(100), Duration.ofMillis(400),
        Optional.of(Duration.ofMillis(50)));
    try (Node node = new Node(Rig.tier(server, BLOCK, patience))) {
      node.store(1);
      misbehave("GET", Kind.IGNORE, 0);
      long began = System.nanoTime();
      assertEquals(BatchResult.COMPLETE, node.load(1));
      long took = (System.nanoTime() - began) / 1_000_000;
      assertTrue(took < 30_000, () -> "took " + took + " ms");
      assertEquals(1, node.figure(Figure.HEDGES));
    }
  }

  @Test
  void saysAtStartWhatIsWrong() {
    misbehave("GET", Kind.STATUS, 403);
    assertRefused(server.endpoint(), "blocks", "credentials");
    assertRefused(server.endpoint(), "elsewhere", "Create the bucket");
    assertRefused("http://127.0.0.1:1", "blocks", "Check the endpoint");
  }

  private static void assertRefused(String endpoint, String bucket, String advice) {
    ObjectTier tier = ObjectTier.open(
        Rig.objects(BLOCK, Rig.calm(), OnUnreachable.REFUSE), Rig.host(BLOCK),
        S3Bucket.open(Rig.s3(endpoint, bucket), Rig::start));
    var refused = assertThrows(PagodaException.class, () -> new Node(tier));
    assertTrue(String.valueOf(refused.getMessage()).contains(advice), refused::getMessage);
  }

  @Test
  void opensWithoutItsServerIfThatIsTolerated() {
    ObjectTier tier = ObjectTier.open(
        Rig.objects(BLOCK, Rig.calm(), OnUnreachable.TOLERATE), Rig.host(BLOCK),
        S3Bucket.open(Rig.s3("http://127.0.0.1:1", "blocks"), Rig::start));
    try (Node node = new Node(tier)) {
      assertEquals(0, node.find(1));
      assertTrue(tier.trouble().contains("refused"), tier::trouble);
    }
  }
}
