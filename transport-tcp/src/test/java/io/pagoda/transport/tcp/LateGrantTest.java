package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a grant is worth when its time or its uses are over, whoever counts. */
class LateGrantTest {
  /** Timers stand still while the machine does; its clock goes on. */
  @Test
  void isOverWhenTheClockSaysSo() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    InstantSource clock = now::get;
    Regions regions = new Regions();
    Grants grants =
        new Grants(UUID.randomUUID(), regions, new Timers(() -> {}), Duration.ofSeconds(1), clock);
    try (Arena arena = Arena.ofShared()) {
      TcpRegion region = regions.register(arena.allocate(8), MemoryPlace.HOST);
      AtomicReference<GrantListener.End> end = new AtomicReference<>();
      var terms = new GrantTerms(Window.of(region), Right.READ, Duration.ofMinutes(1));
      TcpGrant grant = grants.open(terms, new GrantListener() {
        @Override
        public void ended(End why) {
          end.set(why);
        }
      });
      now.set(Instant.EPOCH.plusSeconds(60));
      grant.look();
      assertEquals(1, grants.size());
      now.set(Instant.EPOCH.plusSeconds(61));
      grant.look();
      assertEquals(0, grants.size());
      assertEquals(GrantListener.End.EXPIRED, end.get());
      assertEquals(Status.EXPIRED, grants.ending(grant.metadata().token()));
    }
  }

  /** A batch whose message was told is over: its number is worth nothing any more. */
  @Test
  void isUsedUpByWhoTellsTwice() throws Exception {
    try (Arena arena = Arena.ofShared();
        TcpTransport there = Rig.of(Backend.AUTO).open("there");
        Socket peer = Peers.connect(there.listen().metadata())) {
      FuzzTest.greet(peer, there.generation());
      var region = there.register(arena.allocate(64));
      var grant = there.grant(
          new GrantTerms(
              List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 2),
          GrantListener.NONE);
      byte[] token = grant.metadata().token();
      byte[] read = Peers.piece(token, 1, 64);
      byte[] tell = Arrays.copyOf(read, Frame.REQUEST_BYTES);
      int[] answers = new int[4];
      for (int i = 0; i < 4; i++) {
        byte[] asked = i == 0 || i == 3
            ? FuzzTest.framed(Frame.READ, 1, read, i + 1, 0)
            : FuzzTest.framed(Frame.TELL, 0, tell, i + 1, 0);
        peer.getOutputStream().write(asked);
        answers[i] = Peers.status(peer);
      }
      int over = Status.USED_UP.code();
      assertArrayEquals(new int[] {0, 0, over, over}, answers);
    }
  }
}
