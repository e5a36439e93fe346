package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.TransferEnd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.HexFormat;

/** Another process on the device, which says in lines what it does. */
final class DeviceMain {
  private static final HexFormat HEX = HexFormat.of();

  private DeviceMain() {}

  public static void main(String[] word) throws IOException {
    switch (word[0]) {
      case "serve" -> serve();
      case "write" -> write(
          PeerMetadata.decode(HEX.parseHex(word[1])), GrantMetadata.decode(HEX.parseHex(word[2])));
      case "register" -> register(Long.parseLong(word[1]));
      case "load" -> load(Duration.ofSeconds(Long.parseLong(word[1])));
      default -> throw new IllegalArgumentException(word[0]);
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static String told(PeerMetadata peer, GrantMetadata grant) {
    return HEX.formatHex(peer.encode()) + " " + HEX.formatHex(grant.encode());
  }

  /** Grants memory until its input ends. */
  private static void serve() throws IOException {
    try (RdmaTransport own = new Rig().open("child");
        Arena arena = Arena.ofShared()) {
      var memory = arena.allocate(DevicePair.BYTES, 4_096);
      var grant = DevicePair.granted(own, memory, GrantListener.NONE);
      say("serving " + told(own.listen().metadata(), grant.metadata()));
      var _ = System.in.read();
    }
  }

  /** Writes to a peer for ever. */
  private static void write(PeerMetadata peer, GrantMetadata grant) {
    RdmaTransport own = new Rig().open("child");
    var memory = Arena.ofShared().allocate(DevicePair.BYTES, 4_096);
    DevicePair.fill(memory);
    Region region = own.register(memory);
    Link link = own.connect(peer, DevicePair.PATIENCE);
    while (true) {
      say("wrote " + ended(link, region, grant, DevicePair.PATIENCE));
    }
  }

  private static TransferEnd ended(
      Link link, Region region, GrantMetadata grant, Duration deadline) {
    return link.post(DevicePair.whole(region, grant), deadline)
        .ended()
        .toCompletableFuture()
        .join();
  }

  private static void register(long bytes) {
    try (RdmaTransport own = new Rig().open("child");
        Arena arena = Arena.ofShared()) {
      own.register(arena.allocate(64 << 10, 4_096));
      say("small is registered");
      own.register(arena.allocate(bytes, 4_096));
      say("large is registered");
    } catch (PagodaException e) {
      say("refused " + e.getMessage());
    }
  }

  /** Writes until something fails, and tells of that, and of what can be begun afterwards. */
  private static void load(Duration deadline) {
    try (DevicePair pair = new DevicePair(new Rig())) {
      while (true) {
        long began = System.nanoTime();
        TransferEnd end = ended(pair.link, pair.local, pair.grant.metadata(), deadline);
        if (!end.completed()) {
          long millis = (System.nanoTime() - began) / 1_000_000;
          say(
              "failed %d %s"
                  .formatted(millis, end.failure().map(Throwable::getMessage).orElse("")));
          break;
        }
        say("wrote " + end);
      }
      try {
        pair.here.register(pair.source);
        say("registered");
      } catch (PagodaException e) {
        say("refused " + e.getMessage());
      }
      say("now " + pair.here.capabilities().availability());
    }
    say("closed");
  }
}
