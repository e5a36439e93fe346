package io.pagoda.transport.tcp;

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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

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
    var identity = new Tls.Identity(KEYS.certificates("node"), KEYS.key("node"));
    Tls lenient = Tls.of(Optional.of(identity), KEYS.certificates("ca"), false, true);
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

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    var keyTwice = new Tls.Identity(KEYS.key("node"), KEYS.key("node"));
    var e = assertThrows(
        IOException.class,
        () -> Tls.of(Optional.of(keyTwice), KEYS.certificates("ca"), true, true));
    says("node.key", e.toString());
    assertFalse(e.toString().contains("changeit"));
  }
}
