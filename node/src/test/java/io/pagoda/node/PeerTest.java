package io.pagoda.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Ending.Cause;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.peer.PeerServer;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportUse;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one store has in host memory, another finds there; and what comes in between. */
@Timeout(120)
class PeerTest extends PeerRig {
  private static final BlockKeys KEYS = keys(1, 20);

  @Test
  void aStoreReadsWhatAnotherHas() throws IOException {
    Node lender = lender(100, "");
    Node asker = asker(100, lender.address(), "");
    lender.put(KEYS);
    Match match = asker.deployment().store().match(KEYS);
    assertEquals(20, match.blocks());
    assertEquals(20, match.blocksAt("peers"));
    assertEquals(20, asker.fetch(match).blocks());
    assertEquals(20, asker.count(TierCount.HITS));
    assertEquals(20, asker.count(TierCount.DISCOVERED));
    assertEquals(20L * BLOCK, asker.count(TierCount.BYTES_READ));
    assertEquals(20, asker.deployment().store().match(KEYS).blocksAt("cpu"));
    assertEquals(20, lender.deployment().server().orElseThrow().lent());
    assertEquals(20, lender.tier("cpu").count(TierCount.LENT));
    assertNothingIsHeld(lender);
    assertNothingIsHeld(asker);
  }

  /** All loans, grants and transfers are over; the hub's memory is registered, once. */
  private static void assertNothingIsHeld(Node node) {
    node.deployment()
        .server()
        .ifPresent(server -> await("loans end", () -> server.loans() == 0 && server.pinned() == 0));
    Transport transport = node.deployment().transports().getFirst();
    await("grants and transfers end: " + transport.use(), () -> {
      TransportUse use = transport.use();
      return use.grants() == 0 && use.transfers() == 0 && use.registrations() == 1;
    });
  }

  /** Then a block is cut by layers, and each section has a checksum of its own. */
  @Test
  void theModelsGeometryMayBeKnown() throws IOException {
    String model = "model { layers = 4, kv-heads = 2, head-size = 128 }";
    Node lender = lender(100, model);
    Node asker = asker(100, lender.address(), model);
    lender.put(KEYS);
    assertEquals(20, asker.fetch(KEYS).blocks());
    assertEquals(0, asker.count(TierCount.CORRUPT));
    Node other = asker(100, lender.address(), model + "\nengine.layer-sections = 2");
    assertTrue(other.tier("peers").why().contains("2 checksums a block"));
  }

  /** The part that the asker has itself is not asked for; what nobody has ends the prefix. */
  @Test
  void aPrefixMayBeHereAndThere() throws IOException {
    Node lender = lender(100, "");
    Node asker = asker(100, lender.address(), "");
    lender.put(KEYS);
    asker.put(KEYS.prefix(5));
    Match match = asker.deployment().store().match(keys(1, 30));
    assertEquals(20, match.blocks());
    assertEquals(15, match.blocksAt("peers"));
    assertEquals(20, asker.fetch(match).blocks());
    assertEquals(15L * BLOCK, asker.count(TierCount.BYTES_READ));
  }

  /** Peers may hold what was forgotten: from a reset on nobody asks them. */
  @Test
  void aResetFindsNothingAtPeers() throws IOException {
    Node lender = lender(100, "");
    Node asker = asker(100, lender.address(), "");
    lender.put(KEYS);
    assertEquals(5, asker.fetch(KEYS.prefix(5)).blocks());
    asker.deployment().store().reset().toCompletableFuture().join();
    assertEquals(0, asker.deployment().store().match(KEYS).blocks());
    assertTrue(asker.tier("peers").why().contains("was reset"), asker.tier("peers").why());
    assertEquals(20, asker(100, lender.address(), "").fetch(KEYS).blocks());
  }

  /** One that is there and says nothing hides nothing of the others. */
  @Test
  void aSlowPeerHidesNobody() throws Exception {
    Node lender = lender(100, "");
    Node slow = lender(100, "");
    lender.put(KEYS);
    slow.put(KEYS.prefix(3));
    int port = slow.deployment().server().orElseThrow().address().getPort();
    try (Meddler meddler = Meddler.before(port, 1)) {
      Node asker = open("""
          tiers = [ { type = cpu, blocks = 100 }
                    { name = peers, type = peer, nodes = [
                        { name = slow, address = "%s" }, { name = one, address = "%s" } ] } ]
          tier.peer.deadline = 20s
          engine.look-up = 5s
          """.formatted(meddler.address(), lender.address()));
      assertEquals("", asker.tier("peers").why());
      meddler.mute();
      assertEquals(20, asker.fetch(KEYS).blocks());
    }
  }

  @Test
  void nothingIsWrittenToPeers() throws IOException {
    Node lender = lender(100, "");
    Node asker = asker(10, lender.address(), "graph.write = through");
    for (int prefix = 1; prefix < 5; prefix++) {
      asker.put(keys(prefix, 10));
    }
    assertEquals(0, asker.count(TierCount.USED));
    assertEquals(0, lender.tier("cpu").count(TierCount.USED));
    assertEquals("", asker.tier("peers").why());
  }

  /** What has left the peer since it was looked up is a shorter prefix, and forgotten. */
  @Test
  void whatHasLeftThePeerIsAMiss() throws IOException {
    Node lender = lender(20, "");
    Node asker = asker(100, lender.address(), "");
    lender.put(KEYS);
    Match match = asker.deployment().store().match(KEYS);
    assertEquals(20, match.blocks());
    lender.put(keys(2, 20));
    Outcome outcome = asker.fetch(match);
    assertEquals(0, outcome.blocks());
    assertTrue(outcome.reason().contains("has left the peer's memory"), outcome.reason());
    assertEquals(0, asker.deployment().store().match(KEYS).blocks());
    assertEquals(20, asker.fetch(keys(2, 20)).blocks());
    assertNothingIsHeld(lender);
  }

  /** A peer that goes away is a miss at once, and a hit again when it is back. */
  @Test
  void aPeerMayGoAndComeBack() throws IOException {
    Node lender = lenderThatComesBack(100);
    Node asker = asker(100, lender.address(), "");
    String address = lender.address();
    lender.put(KEYS);
    assertEquals(5, asker.fetch(KEYS.prefix(5)).blocks());
    close(lender);
    Outcome outcome = asker.fetch(KEYS);
    assertEquals(5, outcome.blocks());
    assertEquals(5, asker.deployment().store().match(KEYS).blocks());
    await("its absence is told", () -> asker.tier("peers").why().contains("lender"));
    Node again = open("""
        tiers = [ { type = cpu, blocks = 100 } ]
        peers { name = again, listen = "%s" }
        """.formatted(address));
    again.put(KEYS);
    await("it is there again", () -> asker.tier("peers").why().isEmpty());
    assertEquals(20, asker.fetch(KEYS).blocks());
    assertNothingIsHeld(again);
  }

  /**
   * What a peer had that has died is forgotten before anybody fetches it, also what a match has
   * pinned; what another has is found there.
   */
  @Test
  void whatADeadPeerHadIsForgottenAtOnce() throws IOException {
    Node most = lenderThatComesBack(100);
    Node some = lender(100, "");
    most.put(KEYS);
    some.put(KEYS.prefix(8));
    String address = most.address();
    Node asker = asker(100, "", List.of(named("most", most), named("some", some)));
    try (Match match = asker.deployment().store().match(KEYS)) {
      assertEquals(20, match.blocks());
      close(most);
      await("12 blocks are known nowhere", () -> ending(asker) <= 8);
      assertEquals(Cause.LOST, asker.deployment().store().explain(KEYS).cause());
      assertTrue(asker.fetch(match).blocks() <= 8);
    }
    assertEquals(8, asker.deployment().store().match(KEYS).blocks());
    assertEquals(8, asker.fetch(KEYS).blocks());
    Node again = open("""
        tiers = [ { type = cpu, blocks = 100 } ]
        peers { name = again, listen = "%s" }
        """.formatted(address));
    again.put(KEYS);
    await("it is there again", () -> asker.tier("peers").why().isEmpty());
    assertEquals(20, asker.fetch(KEYS).blocks());
    assertNothingIsHeld(some);
    assertNothingIsHeld(again);
  }

  private static String named(String name, Node node) {
    return "{ name = %s, address = \"%s\" }".formatted(name, node.address());
  }

  /** What is only on a peer's disk is brought up there, in parts that may be lent, and read. */
  @Test
  void whatIsOnAPeersDiskIsFoundThere() throws IOException {
    Node lender = lenderWithDisk("");
    for (int prefix = 1; prefix <= 4; prefix++) {
      lender.put(keys(prefix, 20)); // nothing else is in its hub then
    }
    Node asker = asker(100, lender.address(), "tier.peer.deadline = 10s");
    for (int prefix = 1; prefix <= 3; prefix++) {
      Match match = asker.deployment().store().match(keys(prefix, 20));
      assertEquals(20, match.blocksAt("peers"));
      assertEquals(20, asker.fetch(match).blocks());
    }
    assertEquals(0, asker.count(TierCount.CORRUPT));
    assertTrue(lender.tier("ssd").count(TierCount.BYTES_READ) >= 60L * BLOCK);
    assertNothingIsHeld(lender);
  }

  /** What a fetch would not leave in host memory is not brought up for peers. */
  @Test
  void whatIsToStayOnDiskIsNotLent() throws IOException {
    Node lender = lenderWithDisk("graph.promote = never");
    lender.put(KEYS);
    lender.put(keys(2, 20));
    Node asker = asker(100, lender.address(), "");
    assertEquals(0, asker.deployment().store().match(KEYS).blocks());
    assertEquals(20, asker.fetch(keys(2, 20)).blocks());
  }

  private Node lenderWithDisk(String more) throws IOException {
    return open("""
        tiers = [ { type = cpu, blocks = 20 }
                  { type = ssd, blocks = 200, directory = "%s" } ]
        graph.write = through
        peers { name = lender, listen = "127.0.0.1:0", share = 0.5 }
        %s
        """.formatted(Files.createTempDirectory(directory, "disk"), more));
  }

  /** {@return how many blocks of the prefix a store knows of, without asking anybody} */
  private static int ending(Node node) {
    return node.deployment().store().explain(KEYS).blocks();
  }

  /** Whenever the peer dies, what has arrived is right, and every fetch ends. */
  @Test
  void aPeerMayDieWhileItIsRead() throws Exception {
    for (int round = 0; round < 5; round++) {
      Node lender = lender(100, "");
      Node asker = asker(100, lender.address(), "");
      lender.put(keys(1, POOL));
      Match match = asker.deployment().store().match(keys(1, POOL));
      assertEquals(POOL, match.blocks());
      int wait = round * 50_000;
      var death = CompletableFuture.runAsync(() -> {
        for (int spin = 0; spin < wait; spin++) {
          Thread.onSpinWait();
        }
        close(lender);
      });
      asker.fetch(match);
      death.get();
      await("the peer is missed", () -> !asker.tier("peers").why().isEmpty());
      assertEquals(0, asker.deployment().store().statistics().jobs().running());
      close(asker);
    }
  }

  /** A loan ends at its deadline, though nobody gives it back; then there is room for others. */
  @Test
  void aLoanEndsAtItsDeadline() throws IOException {
    Node lender = lender(20, "peers { share = 1, lifetime = 10s }");
    PeerServer server = lender.deployment().server().orElseThrow();
    lender.put(KEYS);
    try (Meddler meddler = Meddler.before(server.address().getPort(), 1)) {
      meddler.keepReleases();
      Node asker = asker(100, meddler.address(), "tier.peer.deadline = 20s");
      assertEquals(20, asker.fetch(KEYS).blocks());
      assertEquals(20, server.pinned());
      await("the loan ends", () -> server.pinned() == 0);
      lender.put(keys(3, 20));
      assertEquals("", asker.tier("peers").why());
    }
    assertNothingIsHeld(lender);
  }

  /** A peer whose blocks change while they leave its memory: each is right, or not there. */
  @Test
  void whatIsLentStaysWhileThePeerIsUnderPressure() throws IOException {
    Node lender = lender(POOL + 20, "peers.share = 1");
    Node asker = asker(30, lender.address(), "");
    var over = new CompletableFuture<Void>();
    var pressure = CompletableFuture.runAsync(() -> {
      for (int prefix = 2; !over.isDone(); prefix = 2 + (prefix + 1) % 7) {
        lender.stored(keys(prefix, 20));
      }
    });
    int came = 0;
    for (int round = 0; round < 60; round++) {
      for (int prefix = 2; prefix < 9; prefix++) {
        came += asker.fetch(keys(prefix, 20)).blocks();
      }
    }
    over.complete(null);
    pressure.join();
    assertTrue(came > 0);
    assertEquals(0, asker.count(TierCount.CORRUPT));
    assertNothingIsHeld(lender);
  }

  @Test
  void wrongBytesAreCaughtAndThePeerIsTold() throws IOException {
    Node lender = lender(100, "");
    lender.put(KEYS);
    Node first = asker(100, lender.address(), "");
    assertEquals(20, first.fetch(KEYS).blocks()); // seals them
    MemorySegment hub = lender.deployment().graph().hubMemory().memory();
    long wrong = place(hub, KEYS.low(7));
    hub.set(JAVA_BYTE, wrong, (byte) (hub.get(JAVA_BYTE, wrong) ^ 1));
    Node asker = asker(100, lender.address(), "");
    Match match = asker.deployment().store().match(KEYS);
    assertEquals(20, match.blocks());
    assertEquals(7, asker.fetch(match).blocks());
    assertEquals(1, asker.count(TierCount.CORRUPT));
    await("the lender drops it", () -> lender.tier("cpu").count(TierCount.QUARANTINED) == 1);
    assertEquals(1, lender.tier("cpu").count(TierCount.CORRUPT));
    assertEquals(7, asker.deployment().store().match(KEYS).blocks());
    assertNothingIsHeld(lender);
  }

  /** {@return where in memory the block of a key is} */
  private static long place(MemorySegment memory, long key) {
    for (long at = 0; at < memory.byteSize(); at += BLOCK) {
      if (Node.block(key).mismatch(memory.asSlice(at, BLOCK)) == -1) {
        return at;
      }
    }
    throw new AssertionError("The block is nowhere");
  }

  @Test
  void otherBlocksAreRefusedInWords() throws IOException {
    Node lender = lender(100, "model.name = llama");
    Node asker = asker(100, lender.address(), "model.name = qwen");
    String why = asker.tier("peers").why();
    assertTrue(why.contains("'llama'") && why.contains("'qwen'"), why);
    assertEquals(0, asker.deployment().store().match(KEYS).blocks());
    assertTrue(lender.deployment().server().orElseThrow().refused() > 0);
  }

  private String secret(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return "peers.secret-file = \"%s\"".formatted(file);
  }

  @Test
  void whoDoesNotKnowTheSecretIsRefused() throws IOException {
    String right = secret("right", "a secret of thirty-two characters");
    Node lender = lender(100, right);
    lender.put(KEYS);
    Node wrong = asker(100, lender.address(), secret("wrong", "another of thirty-two characters"));
    assertTrue(wrong.tier("peers").why().contains("does not prove the secret"));
    Node none = asker(100, lender.address(), "");
    assertTrue(none.tier("peers").why().contains("it asks for a secret"));
    assertEquals(0, none.deployment().store().match(KEYS).blocks());
    assertEquals(20, asker(100, lender.address(), right).fetch(KEYS).blocks());
    Node open = lender(100, "");
    Node careful = asker(100, open.address(), right);
    assertTrue(careful.tier("peers").why().contains("it has no secret"));
  }

  /** Whoever talks nonsense is hung up on, and others are served meanwhile. */
  @Test
  void hostileAskersChangeNothing() throws IOException {
    Node lender = lender(100, "");
    lender.put(KEYS);
    SplittableRandom random = new SplittableRandom(Long.getLong("pagoda.seed", 1));
    int port = lender.deployment().server().orElseThrow().address().getPort();
    for (int i = 0; i < 200; i++) {
      byte[] said = new byte[random.nextInt(400)];
      random.nextBytes(said);
      if (said.length > 8 && random.nextBoolean()) {
        said[0] = (byte) (said.length - 4);
        Arrays.fill(said, 1, 4, (byte) 0);
        said[4] = (byte) random.nextInt(15);
      }
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
          OutputStream out = socket.getOutputStream()) {
        out.write(said);
      } catch (IOException e) {
        assertFalse(socketsAreShort(e), e::toString);
      }
    }
    Node asker = asker(100, lender.address(), "");
    await("it is let in", () -> asker.tier("peers").why().isEmpty());
    assertEquals(20, asker.fetch(KEYS).blocks());
    assertNothingIsHeld(lender);
  }

  private static boolean socketsAreShort(IOException e) {
    return String.valueOf(e.getMessage()).contains("Too many");
  }

  /** A port where somebody else answers, or says nothing, is a peer that is not there. */
  @Test
  void hostileLendersAreMisses() throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("pagoda.seed", 2));
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> {
        while (!server.isClosed()) {
          try (Socket socket = server.accept();
              OutputStream out = socket.getOutputStream()) {
            byte[] said = new byte[random.nextInt(4000)];
            random.nextBytes(said);
            out.write(said);
          } catch (IOException _) {
            // the asker has hung up, as it should, or the test is over
          }
        }
      });
      Node asker = asker(100, "127.0.0.1:" + server.getLocalPort(), "tier.peer.retry = 1ms");
      for (int i = 0; i < 50; i++) {
        assertEquals(0, asker.deployment().store().match(KEYS).blocks());
      }
      assertFalse(asker.tier("peers").why().isEmpty());
      asker.put(KEYS);
      assertEquals(20, asker.fetch(KEYS).blocks());
    }
  }

  /** Whatever a peer answers, what arrives is right, and every fetch ends. */
  @Test
  void whatAPeerSaysMayBeWrong() throws IOException {
    Node lender = lender(1000, "");
    int port = lender.deployment().server().orElseThrow().address().getPort();
    try (Meddler meddler = Meddler.before(port, Long.getLong("pagoda.seed", 3))) {
      Node asker = asker(1000, meddler.address(), "tier.peer { deadline = 200ms, retry = 1ms }");
      for (int prefix = 1; prefix < 41; prefix++) {
        lender.put(keys(prefix, 10));
        meddler.meddle(true);
        asker.fetch(keys(prefix, 10));
        meddler.meddle(false);
        assertEquals(0, asker.deployment().store().statistics().jobs().running());
      }
      lender.put(keys(99, 10));
      await("it is there again", () -> asker.tier("peers").why().isEmpty());
      await("it brings all", () -> asker.fetch(keys(99, 10)).blocks() == 10);
      assertNothingIsHeld(lender);
    }
  }

  /** Of two peers each has what the other has not. */
  @Test
  void severalPeersAreAsked() throws IOException {
    Node one = lender(100, "");
    Node other = lender(100, "");
    one.put(keys(1, 20));
    other.put(keys(2, 10));
    Node asker = open("""
        tiers = [ { type = cpu, blocks = 100 }
                  { name = peers, type = peer, nodes = [
                      { name = one, address = "%s" }, { name = other, address = "%s" }
                      { name = nobody, address = "127.0.0.1:1" } ] } ]
        tier.peer.deadline = 20s
        engine.look-up = 20s
        """.formatted(one.address(), other.address()));
    assertEquals(20, asker.fetch(keys(1, 20)).blocks());
    assertEquals(10, asker.fetch(keys(2, 10)).blocks());
    String why = asker.tier("peers").why();
    assertTrue(why.contains("nobody") && !why.contains("other"), why);
  }
}
