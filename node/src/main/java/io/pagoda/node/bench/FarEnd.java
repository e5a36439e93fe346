package io.pagoda.node.bench;

import io.pagoda.core.deploy.OpenTransport;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;

/** The end of a transport that lends memory to be read and written, in this process. */
public final class FarEnd implements AutoCloseable {
  private static final Duration LIFETIME = Duration.ofHours(24);

  private final OpenTransport transport;
  private final Region region;
  private final Endpoint endpoint;
  private final Grant grant;

  /**
   * What another process has to know of one.
   *
   * @param peer where it is
   * @param grant the right to its memory
   */
  record Told(PeerMetadata peer, GrantMetadata grant) {
    /**
     * Reads a line of {@link #toString}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Told parse(String line) {
      String[] part = line.split("-", -1);
      if (part.length != 2) {
        throw new IllegalArgumentException("no line that --serve prints: " + line);
      }
      HexFormat hex = HexFormat.of();
      return new Told(
          PeerMetadata.decode(hex.parseHex(part[0])), GrantMetadata.decode(hex.parseHex(part[1])));
    }

    @Override
    public String toString() {
      HexFormat hex = HexFormat.of();
      return hex.formatHex(peer.encode()) + "-" + hex.formatHex(grant.encode());
    }
  }

  /** Lends memory by a transport, which it closes in the end. */
  FarEnd(OpenTransport transport, MemorySegment memory) {
    this.transport = transport;
    region = transport.transport().register(memory);
    endpoint = transport.transport().listen();
    grant = transport.transport()
        .grant(
            new GrantTerms(List.of(Window.of(region)), EnumSet.allOf(Right.class), LIFETIME, 0),
            GrantListener.NONE);
  }

  Told told() {
    return new Told(endpoint.metadata(), grant.metadata());
  }

  /** {@return one line that tells another process where it is, and lets it in} */
  public String line() {
    return told().toString();
  }

  @Override
  public void close() {
    region.close();
    transport.close();
  }
}
