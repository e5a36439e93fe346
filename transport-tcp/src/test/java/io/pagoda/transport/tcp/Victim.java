package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Window;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;

/**
 * A process that is killed: it serves memory, and says how to reach it; or it writes to a peer's
 * memory without a pause. It ends with its input.
 */
final class Victim {
  static final long BYTES = 32 << 20;

  private Victim() {}

  public static void main(String[] arguments) throws IOException {
    try (TcpTransport transport = Rig.of(Backend.AUTO).open("victim");
        Arena arena = Arena.ofShared();
        Region region = transport.register(arena.allocate(BYTES))) {
      region.memory().fill((byte) 0x11);
      if (arguments.length == 0) {
        serve(transport, region);
      } else {
        write(
            transport, region, PeerMetadata.decode(HexFormat.of().parseHex(arguments[0])),
            GrantMetadata.decode(HexFormat.of().parseHex(arguments[1])));
      }
    }
  }

  private static void serve(TcpTransport transport, Region region) throws IOException {
    Grant grant = transport.grant(
        new GrantTerms(
            List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
        GrantListener.NONE);
    HexFormat hex = HexFormat.of();
    System.out.println(hex.formatHex(transport.listen().metadata().encode()));
    System.out.println(hex.formatHex(grant.metadata().encode()));
    System.out.flush();
    while (System.in.read() >= 0) {
      // Until it is killed, or nobody is there to kill it.
    }
  }

  private static void write(
      TcpTransport transport, Region region, PeerMetadata peer, GrantMetadata grant) {
    try (Link link = transport.connect(peer, Duration.ofSeconds(30))) {
      RemoteBatch batch = new RemoteBatch(
          Direction.WRITE, region, new long[1], grant, new long[1], new long[] {BYTES});
      System.out.println("writes");
      System.out.flush();
      TransferEnd end;
      do {
        end = link.post(batch, Duration.ofSeconds(30)).ended().toCompletableFuture().join();
      } while (end.completed());
    }
  }
}
