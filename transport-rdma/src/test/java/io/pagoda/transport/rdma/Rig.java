package io.pagoda.transport.rdma;

import java.time.Duration;
import java.util.Optional;

/** Settings of transports under test. */
record Rig(int queue, int list, int pieceBytes, long chunkBytes, Optional<byte[]> secret) {
  /** An emulated processor stands still for seconds at times. */
  static final RdmaSettings.Times TIMES = new RdmaSettings.Times(
      Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(3),
      Duration.ofNanos(20_000));

  Rig() {
    this(512, 64, 1 << 20, 1L << 30, Optional.empty());
  }

  /** Lists, pieces and registrations that are short, so that everything has many. */
  Rig narrow() {
    return new Rig(64, 32, 64 << 10, 1L << 20, secret);
  }

  Rig secret(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Rig(queue, list, pieceBytes, chunkBytes, Optional.of(bytes));
  }

  RdmaSettings settings() {
    return new RdmaSettings(
        Provider.FFM, "", ":0", "", secret, queue, list, pieceBytes, 4L << 20, chunkBytes, 0, false,
        TIMES, 16);
  }

  RdmaTransport open(String name) {
    return RdmaTransport.open(settings(), name);
  }
}
