package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import io.pagoda.transport.rdma.Handshake.Greeting;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One of several devices is lost, or closed, of those who serve: on devices that are none. */
@Timeout(120)
class LostRailTest {
  private static final GpuWay NO_GPU = new GpuWay.None("no driver", false);
  private static final UUID PEER = new UUID(7, 8);
  private static final UUID LINK = new UUID(9, 10);
  private final PagodaException cause = new PagodaException(Fault.TRANSIENT, "unplugged");

  /** Nothing ends here because a machine is slow, and nothing sleeps till a device wakes it. */
  private static RdmaSettings settings() {
    RdmaSettings rig = new Rig().impatient().settings();
    Duration hour = Duration.ofHours(1);
    var times = new RdmaSettings.Times(hour.dividedBy(2), hour, hour, Duration.ZERO, hour);
    return new RdmaSettings(
        rig.provider(), rig.device(), rig.near(), rig.rails(), rig.gidIndex(), rig.listen(), "here",
        rig.secret(), rig.queuePairs(), rig.queue(), rig.list(), rig.pieceBytes(),
        rig.windowBytes(), rig.chunkBytes(), rig.wire(), times, rig.maxConnections());
  }

  /** A transport of two devices, and a grant that each end of a peer's link uses. */
  private static final class Side implements AutoCloseable {
    final UUID generation = UUID.randomUUID();
    final Parties parties = new Parties();
    final List<FakeDevice> fakes = List.of(new FakeDevice(), new FakeDevice());
    final List<RdmaTransport> rails = new ArrayList<>();
    final List<Guest> guests = new ArrayList<>();
    final List<String> heard = new CopyOnWriteArrayList<>();
    final CountDownLatch lost = new CountDownLatch(1);
    final RailTransport transport;
    private final Arena arena = Arena.ofShared();

    Side() throws IOException {
      for (FakeDevice fake : fakes) {
        rails.add(
            new RdmaTransport(
                settings(), "there", generation, fake.open(NO_GPU, settings()), "fake", parties));
      }
      transport = new RailTransport("there", generation, List.copyOf(rails), List.of("a", "b"));
    }

    long queuesEnded() {
      return fakes.stream().mapToLong(fake -> fake.asked("destroyQP")).sum();
    }

    void awaitLost() {
      try {
        assertTrue(lost.await(60, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    RailGrant grant() {
      GrantListener listener = new GrantListener() {
        @Override
        public void notified(Peer peer, byte[] message) {
          heard.add("told " + message[0]);
        }

        @Override
        public void lost(Peer peer, PagodaException cause) {
          heard.add("lost, and %d have ended".formatted(queuesEnded()));
          lost.countDown();
        }

        @Override
        public void ended(End how) {
          heard.add("ended");
        }
      };
      Window window = Window.of(transport.register(arena.allocate(4_096)));
      return (RailGrant) transport.grant(
          new GrantTerms(List.of(window), Set.of(Right.WRITE), Duration.ofHours(1), 0), listener);
    }

    Guest joins(int rail, RailGrant grant) throws IOException {
      RdmaTransport one = rails.get(rail);
      Guest guest = new Guest(one, one.listen(), one.device().id(), one.completions().tag());
      guests.add(guest);
      assertTrue(one.completions().add(guest.queue()));
      Greeting hello = new Greeting(
          Handshake.VERSION, false, Message.SLOT_BYTES, PEER, generation, "far", Optional.of(LINK));
      guest.heard(new Message(Message.HELLO, 0, hello.encode()));
      guest.heard(new Message(Message.PROOF, 0, new byte[Handshake.PROOF_BYTES]));
      guest.heard(new Message(Message.ENTER, 1, grant.metadata().token()));
      return guest;
    }

    @Override
    public void close() {
      guests.forEach(guest -> guest.broken(new PagodaException(Fault.TRANSIENT, "it is over")));
      transport.close();
      fakes.forEach(FakeDevice::close);
      arena.close();
    }
  }

  private static Message tell(int what) {
    byte[] body = ByteBuffer.allocate(Long.BYTES + 1)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(what)
        .put((byte) what)
        .array();
    return new Message(Message.TELL, 1, body);
  }

  /** What a peer goes on to do by another device is over when it is said to be lost. */
  @Test
  void aPeerIsLostOnceAndWhenNoDeviceServesItAnyMore() throws Exception {
    try (Side side = new Side()) {
      RailGrant grant = side.grant();
      Guest first = side.joins(0, grant);
      Guest second = side.joins(1, grant);
      first.heard(tell(1));
      second.heard(tell(2));
      second.broken(cause);
      side.awaitLost();
      first.heard(tell(3));
      assertFalse(grant.parts().getFirst().tell(first, new byte[1]), "was on its way");
      assertEquals(0, side.parties.size());
      grant.revoke().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertEquals(List.of("told 1", "told 2", "lost, and 2 have ended", "ended"), side.heard);
    }
  }

  /** What a peer has told is heard before it is lost, though by another device. */
  @Test
  void whatWasToldByAnotherDeviceIsHeardBefore() throws Exception {
    try (Side side = new Side()) {
      RailGrant grant = side.grant();
      Guest first = side.joins(0, grant);
      Guest second = side.joins(1, grant);
      var _ = side.rails.getFirst().timers().in(0, side::awaitLost); // which would not wait for it
      side.rails.getFirst().completions().whenEmpty(() -> {
        second.broken(cause);
        first.heard(tell(1)); // as its own thread has it of its device
      });
      side.awaitLost();
      assertEquals(List.of("told 1", "lost, and 2 have ended"), side.heard);
    }
  }

  @Test
  void aPeerThatSaysGoodbyeIsNotLost() throws Exception {
    try (Side side = new Side()) {
      RailGrant grant = side.grant();
      Guest first = side.joins(0, grant);
      Guest second = side.joins(1, grant);
      first.heard(new Message(Message.BYE, 0));
      assertEquals(1, side.parties.size());
      second.heard(tell(4));
      second.heard(new Message(Message.BYE, 0));
      assertEquals(0, side.parties.size());
      grant.revoke().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertEquals(List.of("told 4", "ended"), side.heard);
    }
  }

  @Test
  void nobodyJoinsALinkThatIsBeingLost() {
    Parties parties = new Parties();
    Parties.Key key = new Parties.Key(PEER, LINK);
    List<String> broken = new ArrayList<>();
    Parties.Member first = _ -> broken.add("first");
    Parties.Member second = _ -> broken.add("second");
    Parties.Member third = _ -> broken.add("third");
    assertTrue(parties.join(key, first));
    assertTrue(parties.join(key, second));
    parties.ended(key, first, List.of(), Optional.of(cause));
    assertFalse(parties.join(key, third));
    parties.ended(key, second, List.of(), Optional.of(cause));
    assertTrue(parties.join(key, third), "a link that is called the same");
    assertEquals(List.of("second"), broken);
  }

  /** A thread of one device ends what another's has moved: that one is open until it has. */
  @Test
  void noDeviceIsClosedBeforeTheThreadsOfAllHaveStopped() throws Exception {
    List<String> order = new CopyOnWriteArrayList<>();
    try (Side side = new Side()) {
      side.fakes.forEach(fake -> fake.whileClosed = () -> order.add("closed"));
      RdmaTransport second = side.rails.get(1);
      second.completions().whenEmpty(() -> {
        while (!second.closing()) {
          Thread.onSpinWait();
        }
        order.add("a thread ends something");
      });
      side.transport.close();
    }
    assertEquals(List.of("a thread ends something", "closed", "closed"), order);
  }

  @Test
  void whoCannotListenLeavesNothingBehind() throws Exception {
    try (Side side = new Side()) {
      side.fakes.get(1).deaf = true;
      PagodaException refused =
          assertThrows(PagodaException.class, () -> side.transport.listen().close());
      assertTrue(String.valueOf(refused.getMessage()).contains("the port is taken"));
      side.transport.close();
      for (FakeDevice fake : side.fakes) {
        assertEquals(fake.asked("createId"), fake.asked("destroyCmId"));
      }
    }
  }
}
