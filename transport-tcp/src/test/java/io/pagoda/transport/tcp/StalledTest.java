package io.pagoda.transport.tcp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A grant is revoked while a peer has begun something and does not go on with it. */
class StalledTest {
  private static final int PIECE = 1 << 20;

  /** Cuts off soon what does not end by itself, and nothing else. */
  private static final TcpSettings.Times HASTY = new TcpSettings.Times(
      Duration.ofMillis(200), Duration.ofMinutes(2), Duration.ofMinutes(2), Duration.ofMillis(500),
      Duration.ofNanos(20_000));

  private static Grant grant(TcpTransport transport, Region region) {
    return transport.grant(
        new GrantTerms(
            List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
        GrantListener.NONE);
  }

  private static byte[] ones(int bytes) {
    byte[] all = new byte[bytes];
    Arrays.fill(all, (byte) 0x11);
    return all;
  }

  /** What comes of it later is not written any more. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void cutsOffAWriteThatStalls(Backend backend) throws Exception {
    try (Arena arena = Arena.ofShared();
        TcpTransport there = TcpTransport.open(Rig.of(backend).settings(HASTY), "there");
        Region region = there.register(arena.allocate(PIECE));
        Socket peer = Peers.connect(there.listen().metadata())) {
      FuzzTest.greet(peer, there.generation());
      Grant grant = grant(there, region);
      byte[] body = Peers.piece(grant.metadata().token(), 1, PIECE);
      peer.getOutputStream().write(FuzzTest.framed(Frame.WRITE, 1, body, 1, PIECE));
      peer.getOutputStream().write(ones(PIECE / 2));
      MemorySegment memory = region.memory();
      Peers.until("half is there", () -> memory.get(ValueLayout.JAVA_BYTE, PIECE / 2 - 1) == 0x11);
      long began = System.nanoTime();
      grant.revoke().toCompletableFuture().get(Peers.PATIENCE.toSeconds(), SECONDS);
      long took = System.nanoTime() - began;
      assertTrue(took >= HASTY.fence().toNanos() / 2, "the fence did not wait: " + took + " ns");
      memory.fill((byte) 0xee);
      assertThrows(IOException.class, () -> {
        while (true) {
          peer.getOutputStream().write(ones(PIECE / 2));
        }
      });
      byte[] untouched = new byte[PIECE];
      Arrays.fill(untouched, (byte) 0xee);
      assertEquals(-1, memory.mismatch(MemorySegment.ofArray(untouched)));
      Peers.until("nothing is held", () -> there.use().transfers() == 0);
      assertEquals(0, there.use().grants());
    }
  }

  /** A peer asks for much and reads nothing: its memory is not held for ever. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void cutsOffReadsThatNobodyTakes(Backend backend) throws Exception {
    try (Arena arena = Arena.ofShared();
        TcpTransport there = TcpTransport.open(Rig.of(backend).settings(HASTY), "there");
        Socket peer = Peers.connect(there.listen().metadata(), 4_096)) {
      Region region = there.register(arena.allocate(PIECE));
      FuzzTest.greet(peer, there.generation());
      Grant grant = grant(there, region);
      for (int id = 1; id <= 20; id++) {
        byte[] body = Peers.piece(grant.metadata().token(), 1, PIECE);
        peer.getOutputStream().write(FuzzTest.framed(Frame.READ, 1, body, id, 0));
      }
      Peers.until("all are begun", () -> there.use().transfers() >= 10);
      long began = System.nanoTime();
      grant.revoke().toCompletableFuture().get(Peers.PATIENCE.toSeconds(), SECONDS);
      long took = System.nanoTime() - began;
      assertTrue(
          took >= HASTY.fence().toNanos() / 2, "the peer has not read them: " + took + " ns");
      region.close();
      region.released().toCompletableFuture().get(Peers.PATIENCE.toSeconds(), SECONDS);
      Peers.until("nothing is held", () -> there.use().transfers() == 0);
      assertThrows(SocketException.class, () -> {
        while (true) {
          peer.getOutputStream().write(0);
        }
      });
    }
  }
}
