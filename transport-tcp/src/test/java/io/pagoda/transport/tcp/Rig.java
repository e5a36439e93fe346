package io.pagoda.transport.tcp;

import java.time.Duration;
import java.util.Optional;

/** Settings of transports under test. */
record Rig(
    Backend backend, int threads, int connections, boolean checksums, Optional<byte[]> secret) {
  static final TcpSettings.Times TIMES = new TcpSettings.Times(
      Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(1),
      Duration.ofNanos(20_000));

  static Rig of(Backend backend) {
    return new Rig(backend, 1, 1, false, Optional.empty());
  }

  Rig wide() {
    return new Rig(backend, 2, 3, checksums, secret);
  }

  Rig checked() {
    return new Rig(backend, threads, connections, true, secret);
  }

  Rig secret(String text) {
    return new Rig(
        backend, threads, connections, checksums,
        Optional.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  TcpSettings settings() {
    return settings(TIMES);
  }

  TcpSettings settings(TcpSettings.Times times) {
    return new TcpSettings(
        backend, threads, "127.0.0.1:0", "", connections, 1 << 20, 8, 64, checksums, secret, times,
        100);
  }

  TcpTransport open(String name) {
    return TcpTransport.open(settings(), name);
  }
}
