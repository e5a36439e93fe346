package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.Transport;
import java.time.Duration;
import java.util.Optional;

/** Transports over this machine's sockets, for tests of other packages. */
public final class OpenSockets {
  private static final TcpSettings SETTINGS = new TcpSettings(
      Backend.AUTO, 1, "127.0.0.1:0", "", 1, 1 << 20, 8, 64, false, Optional.empty(),
      new TcpSettings.Times(
          Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(20),
          Duration.ofSeconds(1), Duration.ofNanos(20_000)),
      100, 100, Optional.empty());

  private OpenSockets() {}

  /** {@return one that calls itself so} */
  public static Transport open(String name) {
    return TcpTransport.open(SETTINGS, name);
  }
}
