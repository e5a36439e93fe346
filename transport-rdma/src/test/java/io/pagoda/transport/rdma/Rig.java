package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.Transport;
import java.time.Duration;
import java.util.Optional;

/** Settings of transports under test. */
record Rig(
    int queue, int list, int pieceBytes, long chunkBytes, Duration fence, Optional<byte[]> secret,
    int queuePairs, int rails, int gid, RdmaSettings.Wire wire) {
  static final RdmaSettings.Wire WIRE = new RdmaSettings.Wire(0, 7, 7, false);

  Rig() {
    this(384, 64, 1 << 20, 1L << 30, Duration.ofSeconds(3), Optional.empty(), 1, 1, -1, WIRE);
  }

  /** Lists, pieces and registrations that are short, so that everything has many. */
  Rig narrow() {
    return new Rig(64, 32, 64 << 10, 1L << 20, fence, secret, queuePairs, rails, gid, wire);
  }

  /** Who uses a grant that is revoked has no time to leave. */
  Rig impatient() {
    return new Rig(
        queue, list, pieceBytes, chunkBytes, Duration.ZERO, secret, queuePairs, rails, gid, wire);
  }

  Rig secret(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Rig(
        queue, list, pieceBytes, chunkBytes, fence, Optional.of(bytes), queuePairs, rails, gid,
        wire);
  }

  /** Links of several queue pairs. */
  Rig pairs(int count) {
    return new Rig(queue, list, pieceBytes, chunkBytes, fence, secret, count, rails, gid, wire);
  }

  /** Transports of several devices. */
  Rig rails(int count) {
    return new Rig(
        queue, list, pieceBytes, chunkBytes, fence, secret, queuePairs, count, gid, wire);
  }

  Rig gid(int index) {
    return new Rig(
        queue, list, pieceBytes, chunkBytes, fence, secret, queuePairs, rails, index, wire);
  }

  Rig wire(RdmaSettings.Wire other) {
    return new Rig(
        queue, list, pieceBytes, chunkBytes, fence, secret, queuePairs, rails, gid, other);
  }

  RdmaSettings settings() {
    // An emulated processor stands still for seconds at times.
    RdmaSettings.Times times = new RdmaSettings.Times(
        Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofSeconds(20), fence,
        Duration.ofNanos(20_000));
    return new RdmaSettings(
        Provider.FFM, "", "", rails, gid, ":0", "", secret, queuePairs, queue, list, pieceBytes,
        4L << 20, chunkBytes, wire, times, 64);
  }

  /** Opens one of as many devices as are set. */
  Transport transport(String name) {
    return rails == 1 ? open(name) : RailTransport.open(settings(), name);
  }

  RdmaTransport open(String name) {
    return RdmaTransport.open(settings(), name);
  }
}
