package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who may connect, and what is said to those who may not. */
class HandshakeTest {
  private static final Duration PATIENCE = Peers.PATIENCE;
  private static final Rig OPEN = Rig.of(Backend.AUTO);
  private static final Rig SECRET = OPEN.secret("a secret of some length");

  private static String refusal(Rig asks, Rig serves) {
    try (TcpTransport here = asks.open("here");
        TcpTransport there = serves.open("there")) {
      PeerMetadata peer = there.listen().metadata();
      var refused = assertThrows(PagodaException.class, () -> here.connect(peer, PATIENCE));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (here.use().links() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertEquals(0, here.use().links());
      return refused.toString();
    }
  }

  @Test
  void takesWhoKnowsTheSecret() {
    try (TcpTransport here = SECRET.open("here");
        TcpTransport there = SECRET.wide().open("there")) {
      try (Link link = here.connect(there.listen().metadata(), PATIENCE)) {
        assertTrue(link.alive());
      }
      assertTrue(here.capabilities().features().contains(Feature.AUTHENTICATED));
    }
  }

  @Test
  void refusesAnotherSecret() {
    String why = refusal(SECRET, OPEN.secret("another secret of that length"));
    assertTrue(why.contains("secret"), why);
  }

  @Test
  void refusesWhoHasNoSecret() {
    assertTrue(refusal(OPEN, SECRET).contains("asks for a secret"));
    assertTrue(refusal(SECRET, OPEN).contains("has no secret"));
  }

  /** Somebody listens there and says nothing. */
  @Test
  void doesNotWaitForTheSilent() throws IOException {
    try (TcpTransport here = OPEN.open("here");
        ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      PeerMetadata peer = new PeerMetadata(
          "tcp", "silent", UUID.randomUUID(), "127.0.0.1:" + silent.getLocalPort(), Map.of());
      long began = System.nanoTime();
      var e = assertThrows(PagodaException.class, () -> here.connect(peer, Duration.ofMillis(300)));
      assertTrue(e.toString().contains("did not answer"), e::toString);
      assertTrue(System.nanoTime() - began < PATIENCE.toNanos());
    }
  }

  /** Who is slow to answer is waited for, though signs of life would have been due meanwhile. */
  @Test
  void waitsForTheSlow() throws IOException {
    var lively = new TcpSettings.Times(
        Duration.ofMillis(20), PATIENCE, PATIENCE, Duration.ofSeconds(1), Duration.ZERO);
    try (TcpTransport here = TcpTransport.open(OPEN.settings(lively), "here");
        TcpTransport there = TcpTransport.open(OPEN.settings(lively), "there");
        ServerSocket door = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      PeerMetadata behind = there.listen().metadata();
      Thread.ofPlatform().daemon().start(() -> passSlowly(door, behind));
      PeerMetadata peer = new PeerMetadata(
          "tcp", "slow", there.generation(), "127.0.0.1:" + door.getLocalPort(), Map.of());
      try (Link link = here.connect(peer, PATIENCE)) {
        assertTrue(link.alive());
      }
    }
  }

  /** Holds back what a peer says first, until it has shown many times that it lives. */
  private static void passSlowly(ServerSocket door, PeerMetadata behind) {
    try (Socket from = door.accept();
        Socket to = Peers.connect(behind)) {
      Thread.ofPlatform().daemon().start(() -> {
        try {
          from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) { // it was closed
        }
      });
      from.getOutputStream().write(to.getInputStream().readNBytes(40 * Frame.HEADER_BYTES));
      to.getInputStream().transferTo(from.getOutputStream());
    } catch (IOException _) { // it was closed
    }
  }

  /** Who connects and says nothing does not stay. */
  @Test
  void doesNotKeepTheSilent() throws IOException {
    var hasty = new TcpSettings.Times(
        Duration.ofMillis(200), PATIENCE, Duration.ofSeconds(1), Duration.ofSeconds(1),
        Duration.ZERO);
    try (TcpTransport there = TcpTransport.open(OPEN.settings(hasty), "there")) {
      String address = there.listen().metadata().address();
      int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
      try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
        silent.setSoTimeout((int) PATIENCE.toMillis());
        assertTrue(silent.getInputStream().readAllBytes().length % Frame.HEADER_BYTES == 0);
      }
    }
  }

  @Test
  void saysWhereItListens() {
    try (TcpTransport there = OPEN.open("there")) {
      assertTrue(there.listen().metadata().address().startsWith("127.0.0.1:"));
      assertFalse(there.capabilities().features().contains(Feature.AUTHENTICATED));
    }
  }
}
