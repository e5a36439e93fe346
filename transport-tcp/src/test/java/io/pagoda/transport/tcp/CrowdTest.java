package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many peers at once, and strangers among them. */
class CrowdTest {
  private static final Duration PATIENCE = Peers.PATIENCE;

  /** Nobody goes because a greeting has taken too long. */
  private static final TcpSettings.Times UNHURRIED = new TcpSettings.Times(
      Duration.ofMillis(200), Duration.ofMinutes(2), Duration.ofMinutes(2), Duration.ofSeconds(1),
      Duration.ZERO);

  private static void close(List<? extends AutoCloseable> all) throws Exception {
    for (AutoCloseable one : all) {
      one.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void servesInAllThreads(Backend backend) throws Exception {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    List<Link> links = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        TcpTransport here = Rig.of(backend).open("here");
        TcpTransport there = Rig.of(backend).threads(3).open("there");
        Region region = there.register(arena.allocate(64));
        Region own = here.register(arena.allocate(64))) {
      Grant grant = there.grant(
          new GrantTerms(
              List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
          new GrantListener() {
            @Override
            public void notified(Peer peer, byte[] message) {
              threads.add(Thread.currentThread().getName());
            }
          });
      PeerMetadata peer = there.listen().metadata();
      RemoteBatch batch = new RemoteBatch(
          Direction.READ, own, new long[1], grant.metadata(), new long[1], new long[] {64})
          .thenTell(new Notification(new byte[1]));
      for (int i = 0; i < 6; i++) {
        Link link = here.connect(peer, PATIENCE);
        links.add(link);
        var end = link.post(batch, PATIENCE).ended().toCompletableFuture().join();
        assertTrue(end.completed(), end::toString);
      }
      close(links);
    }
    assertEquals(3, threads.size(), threads::toString);
  }

  /** Who says nothing cannot keep others out, and costs little. */
  @Test
  void strangersGiveWay() throws Exception {
    List<Socket> strangers = new ArrayList<>();
    try (TcpTransport here = Rig.of(Backend.AUTO).open("here");
        TcpTransport there =
            TcpTransport.open(Rig.of(Backend.AUTO).bounded(4, 10, UNHURRIED), "there")) {
      PeerMetadata peer = there.listen().metadata();
      for (int i = 0; i < 60; i++) {
        strangers.add(Peers.connect(peer));
      }
      try (Link link = here.connect(peer, PATIENCE)) {
        assertTrue(link.alive());
        long each = Outbox.SMALL_BYTES + Inbox.SMALL_BYTES;
        long whole = Outbox.BUFFER_BYTES + Inbox.BUFFER_BYTES;
        Peers.until("few are left", () -> there.use().bufferBytes() <= 11 * each + whole);
      }
      // To its end: as long as it was there, it may have been shown that somebody lives.
      strangers.getFirst().getInputStream().readAllBytes();
      close(strangers);
    }
  }

  @Test
  void refusesMorePeersThanItMayHave() throws Exception {
    List<Link> links = new ArrayList<>();
    try (TcpTransport here = Rig.of(Backend.AUTO).open("here");
        TcpTransport there = TcpTransport.open(Rig.of(Backend.AUTO).bounded(4, 10), "there")) {
      PeerMetadata peer = there.listen().metadata();
      for (int i = 0; i < 4; i++) {
        links.add(here.connect(peer, PATIENCE));
      }
      var refused = assertThrows(PagodaException.class, () -> here.connect(peer, PATIENCE));
      assertTrue(refused.toString().contains("max-connections"), refused::toString);
      links.removeFirst().close();
      Peers.until("there is room again", () -> linked(here, peer));
      close(links);
    }
  }

  private static boolean linked(TcpTransport here, PeerMetadata peer) {
    try (Link link = here.connect(peer, PATIENCE)) {
      return link.alive();
    } catch (PagodaException e) {
      return false;
    }
  }

  /** A thread that was held up reads what came meanwhile before it says that nothing came. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void aPauseOfItsOwnCostsNoLink(Backend backend) throws IOException {
    var hasty = new TcpSettings.Times(
        Duration.ofMillis(50), Duration.ofSeconds(3), PATIENCE, PATIENCE, Duration.ZERO);
    var patient =
        new TcpSettings.Times(Duration.ofMillis(50), PATIENCE, PATIENCE, PATIENCE, Duration.ZERO);
    Rig rig = Rig.of(backend);
    try (Arena arena = Arena.ofShared();
        TcpTransport here = TcpTransport.open(rig.threads(2).settings(patient), "here");
        TcpTransport there = TcpTransport.open(rig.settings(hasty), "there");
        Region region = there.register(arena.allocate(64));
        Region own = here.register(arena.allocate(64))) {
      Grant grant = there.grant(
          new GrantTerms(
              List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
          new GrantListener() {
            @Override
            public void notified(Peer peer, byte[] message) {
              long end = System.nanoTime() + 4_000_000_000L;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
            }
          });
      PeerMetadata peer = there.listen().metadata();
      RemoteBatch batch = new RemoteBatch(
          Direction.READ, own, new long[1], grant.metadata(), new long[1], new long[] {64});
      List<Link> links = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        links.add(here.connect(peer, PATIENCE));
      }
      var told = links.getFirst().post(batch.thenTell(new Notification(new byte[1])), PATIENCE);
      assertTrue(told.ended().toCompletableFuture().join().completed());
      for (Link link : links) {
        var end = link.post(batch, PATIENCE).ended().toCompletableFuture().join();
        assertTrue(end.completed(), end::toString);
        link.close();
      }
    }
  }
}
