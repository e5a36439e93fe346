package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Optional;

/** Settings of transports under test. */
record Rig(
    Backend backend, int threads, int connections, boolean checksums, Optional<byte[]> secret,
    Optional<Tls> tls) {
  /** Nobody is cut off because a machine stands still for seconds. */
  static final TcpSettings.Times TIMES = new TcpSettings.Times(
      Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ofSeconds(20),
      Duration.ofNanos(20_000));

  /** Aborts the test where there is no such backend. */
  static Rig of(Backend backend) {
    assumeTrue(backend.missing().isEmpty(), () -> backend + ": " + backend.missing());
    return new Rig(backend, 1, 1, false, Optional.empty(), Optional.empty());
  }

  Rig wide() {
    return new Rig(backend, 2, 3, checksums, secret, tls);
  }

  Rig threads(int count) {
    return new Rig(backend, count, connections, checksums, secret, tls);
  }

  Rig checked() {
    return new Rig(backend, threads, connections, true, secret, tls);
  }

  Rig secret(String text) {
    return new Rig(
        backend, threads, connections, checksums,
        Optional.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)), tls);
  }

  Rig tls(Tls with) {
    return new Rig(backend, threads, connections, checksums, secret, Optional.of(with));
  }

  TcpSettings settings() {
    return settings(TIMES);
  }

  TcpSettings settings(TcpSettings.Times times) {
    return new TcpSettings(
        backend, threads, "127.0.0.1:0", "", connections, 1 << 20, 8, 64, checksums, secret, times,
        100, 100, tls);
  }

  /** As it is, with other bounds on who may be connected. */
  TcpSettings bounded(int connections, int handshakes) {
    return bounded(connections, handshakes, TIMES);
  }

  TcpSettings bounded(int connections, int handshakes, TcpSettings.Times times) {
    TcpSettings all = settings(times);
    return new TcpSettings(
        all.backend(), all.threads(), all.listen(), all.advertise(), all.connections(),
        all.pieceBytes(), all.window(), all.pieces(), all.checksums(), all.secret(), all.times(),
        connections, handshakes, all.tls());
  }

  TcpTransport open(String name) {
    return TcpTransport.open(settings(), name);
  }
}
