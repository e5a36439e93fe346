package io.pagoda.transport.tcp;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by certificates, and what is said to those who are not. */
class TlsTest {
  private static final Rig PLAIN = Rig.of(Backend.AUTO);
  private static final Keys KEYS = Keys.get();
  private static final Rig NODE = PLAIN.tls(KEYS.node());

  private static String refusal(Rig asks, Rig serves) {
    try (TcpTransport here = asks.open("here");
        TcpTransport there = serves.open("there")) {
      PeerMetadata peer = there.listen().metadata();
      var refused =
          assertThrows(TransportException.class, () -> here.connect(peer, Peers.PATIENCE));
      assertEquals(Why.REFUSED, refused.why(), refused::toString);
      Peers.until("nothing is held here", () -> here.use().links() == 0);
      Peers.until("nothing is held there", () -> there.use().bufferBytes() == 0);
      return refused.toString();
    }
  }

  private static void says(String what, String refusal) {
    assertTrue(refusal.contains(what), refusal);
  }

  @Test
  void linksThoseWhoTrustEachOther() {
    try (TcpTransport here = NODE.open("here");
        TcpTransport there = NODE.wide().open("there");
        Link link = here.connect(there.listen().metadata(), Peers.PATIENCE)) {
      assertTrue(link.alive());
      assertTrue(link.path().toString().contains("tls 1.3"), link.path()::toString);
      assertTrue(here.capabilities().features().contains(Feature.ENCRYPTED));
      assertTrue(here.capabilities().features().contains(Feature.AUTHENTICATED));
    }
  }

  @Test
  void refusesAPeerOfAnotherAuthority() {
    says("certification path", refusal(NODE, PLAIN.tls(KEYS.tls("stranger", "ca"))));
  }

  @Test
  void isRefusedWithACertificateOfAnotherAuthority() {
    says("certificate", refusal(PLAIN.tls(KEYS.tls("stranger", "ca")), NODE));
  }

  @Test
  void refusesWhatHasExpired() {
    says("expired", refusal(NODE, PLAIN.tls(KEYS.tls("old", "ca"))));
    // What the serving side found it does not tell whom it does not know.
    says("certificate", refusal(PLAIN.tls(KEYS.tls("old", "ca")), NODE));
  }

  @Test
  void refusesACertificateForAnotherName() {
    says("127.0.0.1", refusal(NODE, PLAIN.tls(KEYS.tls("elsewhere", "ca"))));
  }

  @Test
  void refusesWhoHasNoCertificate() {
    says("certificate", refusal(PLAIN.tls(KEYS.nobody()), NODE));
  }

  @Test
  void refusesPlainPeersAndIsRefusedByThem() {
    says("asks for TLS", refusal(PLAIN, NODE));
    says("tls.enabled", refusal(NODE, PLAIN));
  }

  @Test
  void doesNotServeWithoutACertificate() {
    try (TcpTransport here = PLAIN.tls(KEYS.nobody()).open("here")) {
      var refused = assertThrows(PagodaException.class, here::listen);
      says("tls.certificate", refused.toString());
    }
  }

  @Test
  void whoMayConnectWithoutACertificateNeedsTheSecret() throws IOException {
    var rules = new Tls.Rules(false, true, Keys.ANYBODY);
    Tls lenient = KEYS.tls(Optional.of(KEYS.identity("node")), "ca", rules);
    Rig serves = PLAIN.tls(lenient).secret("a secret of some length");
    Rig nobody = PLAIN.tls(KEYS.nobody());
    says("secret", refusal(nobody, serves));
    try (TcpTransport here = nobody.secret("a secret of some length").open("here");
        TcpTransport there = serves.open("there");
        Link link = here.connect(there.listen().metadata(), Peers.PATIENCE)) {
      assertTrue(link.alive());
    }
  }

  /** Somebody in between has a certificate that both trust, and no secret. */
  @Test
  void refusesAProofThatSomebodyPassesOn() throws IOException {
    Rig knows = NODE.secret("a secret of some length");
    try (TcpTransport here = knows.open("here");
        TcpTransport there = knows.open("there");
        SSLServerSocket between = (SSLServerSocket) KEYS.node()
            .context()
            .getServerSocketFactory()
            .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      PeerMetadata right = there.listen().metadata();
      Thread.ofPlatform().daemon().start(() -> passOn(between, right));
      PeerMetadata wrong = new PeerMetadata(
          right.transport(), right.name(), right.generation(),
          "127.0.0.1:" + between.getLocalPort(), right.properties());
      var refused =
          assertThrows(TransportException.class, () -> here.connect(wrong, Peers.PATIENCE));
      says("secret", refused.toString());
      try (Link link = here.connect(right, Peers.PATIENCE)) {
        assertTrue(link.alive());
      }
    }
  }

  private static void passOn(SSLServerSocket between, PeerMetadata right) {
    int port = Addresses.parse(right.address(), "the right one").getPort();
    try (Socket one = between.accept();
        SSLSocket other = (SSLSocket) KEYS.node()
            .context()
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), port)) {
      CompletableFuture<Void> back = CompletableFuture
          .runAsync(() -> copy(other, one), task -> Thread.ofPlatform().daemon().start(task));
      copy(one, other);
      back.join();
    } catch (IOException e) {
      // Both sides go when it is refused.
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // As above.
    }
  }

  private static Rig named(String name, boolean verifyName, String... peers) throws IOException {
    var rules = new Tls.Rules(true, verifyName, new PeerNames(List.of(peers)));
    return PLAIN.tls(KEYS.tls(Optional.of(KEYS.identity(name)), "ca", rules));
  }

  /** Whoever serves: a certificate that is trusted is not enough. */
  @Test
  void letsInOnlyPeersOfTheseNames() throws IOException {
    Rig serves = named("node", true, "worker.example", "*.elsewhere.example", "10.0.0.1");
    says("certificate", refusal(NODE, serves));
    Rig elsewhere = PLAIN.tls(KEYS.tls("elsewhere", "ca"));
    says("certificate", refusal(elsewhere, serves));
    for (String name : List.of("elsewhere.example", "*.EXAMPLE")) {
      try (TcpTransport here = elsewhere.open("here");
          TcpTransport there = named("node", true, "another", name).open("there");
          Link link = here.connect(there.listen().metadata(), Peers.PATIENCE)) {
        assertTrue(link.alive());
        says("with localhost, 127.0.0.1", sorted(link.path().toString()));
      }
    }
  }

  private static String sorted(String path) {
    return path.replace("127.0.0.1, localhost", "localhost, 127.0.0.1");
  }

  /** Whoever connects, where addresses are not what certificates are for. */
  @Test
  void connectsOnlyToPeersOfTheseNamesWhereAddressesAreNotCompared() throws IOException {
    Rig serves = PLAIN.tls(KEYS.tls("elsewhere", "ca"));
    says("tls.peer-names", refusal(named("node", false, "worker.example"), serves));
    try (TcpTransport here = named("node", false, "elsewhere.example").open("here");
        TcpTransport there = serves.open("there");
        Link link = here.connect(there.listen().metadata(), Peers.PATIENCE)) {
      says("with elsewhere.example", link.path().toString());
    }
  }

  @Test
  void namesOfPeersAreWholeLabels() {
    for (String wrong : List.of("", "*", "*.", "a*", "*a.example", "*.*.example")) {
      assertThrows(IllegalArgumentException.class, () -> new PeerNames(List.of(wrong)), wrong);
    }
  }

  /** What is kept for them counts, and is little until they have proven who they are. */
  @Test
  void strangersWithinTlsAreCountedAndCostLittle() throws IOException {
    long small = Outbox.SMALL_BYTES + Inbox.SMALL_BYTES;
    try (TcpTransport there = NODE.secret("a secret of some length").open("there")) {
      PeerMetadata peer = there.listen().metadata();
      int port = Addresses.parse(peer.address(), "the peer").getPort();
      try (SSLSocket stranger = (SSLSocket) KEYS.node()
          .context()
          .getSocketFactory()
          .createSocket(InetAddress.getLoopbackAddress(), port)) {
        Peers.until("it is counted", () -> there.use().bufferBytes() > small + (64 << 10));
        stranger.startHandshake();
        stranger.getOutputStream().write(new byte[4]); // TLS is agreed, and nothing proven
        long bytes = there.use().bufferBytes();
        assertTrue(bytes < small + (128 << 10), "a stranger costs " + bytes + " bytes");
      }
      Peers.until("nothing is held", () -> there.use().bufferBytes() == 0);
    }
  }

  /** Files are replaced one after the other: what fits together no more is not used. */
  @Test
  void readsCertificatesAgainThatHaveChanged(@TempDir Path directory) throws IOException {
    Tls.Identity own = new Tls.Identity(directory.resolve("own"), directory.resolve("key"));
    Path trust = Files.copy(KEYS.certificates("ca"), directory.resolve("trust"));
    put("node", own);
    var changing = new Tls(
        new Tls.Sources(Optional.of(own), trust), new Tls.Rules(true, true, Keys.ANYBODY),
        Duration.ZERO);
    try (TcpTransport here = NODE.open("here");
        TcpTransport there = PLAIN.tls(changing).open("there")) {
      PeerMetadata peer = there.listen().metadata();
      try (Link before = here.connect(peer, Peers.PATIENCE)) {
        Files.writeString(own.certificate(), "-----BEGIN CERTIFICATE-----\nMI");
        linksAgain(here, peer);
        Files.delete(own.certificate());
        linksAgain(here, peer);
        Files.copy(KEYS.certificates("elsewhere"), own.certificate());
        linksAgain(here, peer); // its key is still another's
        put("elsewhere", own);
        var refused =
            assertThrows(TransportException.class, () -> here.connect(peer, Peers.PATIENCE));
        says("127.0.0.1", refused.toString());
        put("node", own);
        linksAgain(here, peer);
        Files.copy(KEYS.certificates("other-ca"), trust, REPLACE_EXISTING);
        assertThrows(TransportException.class, () -> here.connect(peer, Peers.PATIENCE));
        assertTrue(before.alive(), "links that there are stay");
      }
    }
  }

  private static void put(String name, Tls.Identity into) throws IOException {
    Files.copy(KEYS.certificates(name), into.certificate(), REPLACE_EXISTING);
    Files.copy(KEYS.key(name), into.key(), REPLACE_EXISTING);
  }

  private static void linksAgain(TcpTransport here, PeerMetadata peer) {
    try (Link link = here.connect(peer, Peers.PATIENCE)) {
      assertTrue(link.alive());
    }
  }

  private static SSLSocket connected(String name, PeerMetadata peer) throws IOException {
    int port = Addresses.parse(peer.address(), "the peer").getPort();
    return (SSLSocket) KEYS.tls(name, "ca")
        .context()
        .getSocketFactory()
        .createSocket(InetAddress.getLoopbackAddress(), port);
  }

  private static int joined(Socket socket, byte[] hello) throws IOException {
    socket.getOutputStream().write(FuzzTest.framed(Frame.HELLO, 0, hello, 0, 0));
    assertEquals(0, Peers.status(socket), "its welcome");
    byte[] proof = new byte[Handshake.PROOF_BYTES];
    socket.getOutputStream().write(FuzzTest.framed(Frame.PROOF, 0, proof, 0, 0));
    return Peers.status(socket);
  }

  /** Who knows of a link, and says the same name, is still another. */
  @Test
  void onlyWhoHasTheSameCertificateJoinsALink() throws IOException {
    try (TcpTransport there = NODE.open("there")) {
      PeerMetadata peer = there.listen().metadata();
      byte[] hello = new Handshake.Hello(
          Frame.VERSION, false, UUID.randomUUID(), 3, UUID.randomUUID(), there.generation(), "node")
          .encode();
      try (Socket first = connected("node", peer);
          Socket second = connected("node", peer);
          Socket other = connected("elsewhere", peer)) {
        assertEquals(0, joined(first, hello));
        assertEquals(0, joined(second, hello));
        assertEquals(Status.REFUSED.code(), joined(other, hello));
        assertEquals(1, there.use().links());
      }
    }
  }

  /** New keys are asked for by a peer in the midst of a conversation of frames. */
  @Test
  void peersMayAskForNewKeys() throws IOException {
    try (TcpTransport there = NODE.open("there")) {
      PeerMetadata peer = there.listen().metadata();
      byte[] hello = new Handshake.Hello(
          Frame.VERSION, false, UUID.randomUUID(), 1, UUID.randomUUID(), there.generation(), "node")
          .encode();
      try (SSLSocket socket = connected("node", peer)) {
        assertEquals(0, joined(socket, hello));
        byte[] nobodys = Peers.piece(new byte[Frame.TOKEN_BYTES], 1, 10);
        for (int i = 1; i <= 20; i++) {
          socket.startHandshake();
          socket.getOutputStream().write(FuzzTest.framed(Frame.READ, 1, nobodys, i, 0));
          assertEquals(Status.NO_GRANT.code(), Peers.status(socket));
        }
      }
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    var keyTwice = new Tls.Identity(KEYS.key("node"), KEYS.key("node"));
    var e = assertThrows(
        IOException.class,
        () -> KEYS.tls(Optional.of(keyTwice), "ca", new Tls.Rules(true, true, Keys.ANYBODY)));
    says("node.key", e.toString());
    assertFalse(e.toString().contains("changeit"));
  }
}
