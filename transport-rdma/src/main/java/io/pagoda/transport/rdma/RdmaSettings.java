package io.pagoda.transport.rdma;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the transport is set.
 *
 * @param provider by what libibverbs and librdmacm are called
 * @param device which devices, by name or number, with commas between; empty: any
 * @param near the GPU that the device is to be near to; empty: none
 * @param rails how many of them it uses at once
 * @param gidIndex by which GID of its port, or −1 for that of the address
 * @param listen where it serves peers; without a host, at the device's first address
 * @param advertise under which name peers reach it; empty: as it listens
 * @param secret what peers have to know
 * @param queuePairs of one link
 * @param queue requests that a queue pair takes
 * @param list requests of one doorbell
 * @param pieceBytes of one request, at most
 * @param windowBytes on their way on one link
 * @param chunkBytes of one registration, a power of two
 * @param wire how connections are
 * @param times how long things may take
 * @param maxConnections queue pairs that peers may have, and this side
 */
record RdmaSettings(
    Provider provider, String device, String near, int rails, int gidIndex, String listen,
    String advertise, Optional<byte[]> secret, int queuePairs, int queue, int list, int pieceBytes,
    long windowBytes, long chunkBytes, Wire wire, Times times, int maxConnections) {
  /** Of one link. */
  static final int MOST_QUEUE_PAIRS = 64;

  /** Devices of one transport. */
  static final int MOST_RAILS = 16;

  private static final int LEAST_SECRET = 16;
  private static final Duration LONGEST = Duration.ofHours(1);

  /**
   * How long things may take.
   *
   * @param heartbeat after how long a side that has nothing to say shows that it lives
   * @param silence after how long without any a peer is lost
   * @param handshake how long a peer may take to say who it is
   * @param fence how long a peer may take to end what a revoked grant had allowed
   * @param spin how long completions are looked for before the thread sleeps
   */
  record Times(
      Duration heartbeat, Duration silence, Duration handshake, Duration fence, Duration spin) {}

  /**
   * How connections are.
   *
   * @param ackTimeout as InfiniBand counts it; 0 for what the connection manager takes
   * @param retries how often is sent again what nobody acknowledges
   * @param receiverRetries how often is sent again what finds no place; 7 is for ever
   * @param relaxed whether a device may write in another order than bytes came
   */
  record Wire(int ackTimeout, int retries, int receiverRetries, boolean relaxed) {}

  static RdmaSettings from(Settings settings) {
    RdmaSettings read = new RdmaSettings(
        settings.choice("provider", Provider.class), settings.string("device"),
        settings.string("near"), settings.integer("rails"), settings.integer("gid-index"),
        settings.string("listen"), settings.string("advertise"), secret(settings),
        settings.integer("queue-pairs"), settings.integer("queue"), settings.integer("list"),
        (int) Math.min(Integer.MAX_VALUE, settings.bytes("piece").bytes()),
        settings.bytes("window").bytes(), settings.bytes("registration").bytes(), wire(settings),
        times(settings), settings.integer("max-connections"));
    check(settings, "rails", read.rails, 1, MOST_RAILS);
    check(settings, "gid-index", read.gidIndex, -1, 255);
    check(settings, "queue-pairs", read.queuePairs, 1, MOST_QUEUE_PAIRS);
    check(settings, "queue", read.queue, 64, 16_384);
    check(settings, "list", read.list, 1, 1_024);
    check(settings, "piece", read.pieceBytes, 4 << 10, 1 << 30);
    check(settings, "window", read.windowBytes, read.pieceBytes, 1L << 40);
    check(settings, "registration", read.chunkBytes, 1 << 20, 1 << 30);
    check(settings, "ack-timeout", read.wire.ackTimeout, 0, 31);
    check(settings, "retries", read.wire.retries, 0, 7);
    check(settings, "receiver-retries", read.wire.receiverRetries, 0, 7);
    check(settings, "max-connections", read.maxConnections, 1, 4_096);
    if (Long.bitCount(read.chunkBytes) != 1) {
      throw new SettingsException(
          "%s must be a power of two, not %d"
              .formatted(settings.origin("registration"), read.chunkBytes));
    }
    if (read.queuePairs > read.maxConnections) {
      throw new SettingsException(
          "%s must be at most max-connections, which counts all queue pairs: %d and %d"
              .formatted(settings.origin("queue-pairs"), read.queuePairs, read.maxConnections));
    }
    if (read.rails > 1) {
      checkEach(settings, read);
    }
    check(settings, read.times);
    if (read.provider == Provider.NAT) {
      checkPlain(settings, read);
    }
    return read;
  }

  /** Each device has an address of its own. */
  private static void checkEach(Settings settings, RdmaSettings read) {
    boolean one = !read.listen.isEmpty() && !read.listen.startsWith(":");
    if (one || !read.advertise.isEmpty()) {
      throw new SettingsException(
          "%s names one address, and %s = %d devices have each their own: %s".formatted(
              settings.origin(one ? "listen" : "advertise"), settings.origin("rails"), read.rails,
              one ? "set listen to a port alone, such as \":18515\"" : "leave it out"));
    }
  }

  /** DiSNI's library has no way to say these. */
  private static void checkPlain(Settings settings, RdmaSettings read) {
    String key = read.wire.relaxed
        ? "relaxed-ordering"
        : read.wire.ackTimeout != 0 ? "ack-timeout" : read.gidIndex >= 0 ? "gid-index" : "";
    if (!key.isEmpty()) {
      throw new SettingsException(
          "%s cannot be had of DiSNI's own library: leave it out, or set provider = ffm"
              .formatted(settings.origin(key)));
    }
  }

  private static Wire wire(Settings settings) {
    return new Wire(
        settings.integer("ack-timeout"), settings.integer("retries"),
        settings.integer("receiver-retries"), settings.flag("relaxed-ordering"));
  }

  private static void check(Settings settings, Times times) {
    check(settings, "handshake", times.handshake, Duration.ofMillis(1));
    check(settings, "fence", times.fence, Duration.ZERO);
    check(settings, "spin", times.spin, Duration.ZERO);
    if (!times.heartbeat.isPositive() || times.silence.compareTo(times.heartbeat) <= 0) {
      throw new SettingsException(
          "%s must be longer than heartbeat, which is more than 0: %s and %s"
              .formatted(settings.origin("silence"), times.silence, times.heartbeat));
    }
  }

  private static void check(Settings settings, String key, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new SettingsException(
          "%s must be %s to %s, not %s".formatted(settings.origin(key), least, LONGEST, value));
    }
  }

  private static void check(Settings settings, String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw new SettingsException(
          "%s must be %d to %d, not %d".formatted(settings.origin(key), least, most, value));
    }
  }

  private static Times times(Settings settings) {
    return new Times(
        settings.duration("heartbeat"), settings.duration("silence"),
        settings.duration("handshake"), settings.duration("fence"), settings.duration("spin"));
  }

  private static Optional<byte[]> secret(Settings settings) {
    if (!settings.has("secret-file")) {
      return Optional.empty();
    }
    Path file = settings.path("secret-file");
    try {
      byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      if (secret.length < LEAST_SECRET) {
        throw new SettingsException(
            "%s: a secret has at least %d characters; %s has %d"
                .formatted(settings.origin("secret-file"), LEAST_SECRET, file, secret.length));
      }
      return Optional.of(secret);
    } catch (IOException e) {
      throw new SettingsException(
          "%s: cannot read %s: %s".formatted(settings.origin("secret-file"), file, e), e);
    }
  }
}
