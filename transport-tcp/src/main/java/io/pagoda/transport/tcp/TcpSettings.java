package io.pagoda.transport.tcp;

import io.pagoda.ByteSize;
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
 * @param backend what moves the bytes
 * @param threads how many loops there are
 * @param listen where it serves peers
 * @param advertise under which name peers reach it; empty: as it listens
 * @param connections how many a link has
 * @param pieceBytes how much of a batch travels as one
 * @param window how many pieces are on their way on one connection
 * @param pieces how many it lets a peer have on their way
 * @param checksums whether ranges are compared with a checksum behind their way
 * @param secret what peers have to know
 * @param times how long things may take
 * @param maxConnections how many peers may have
 * @param tls how bytes are encrypted, if they are
 * @param maxHandshakes how many there may be beside these whose peers did not yet say who they are
 */
record TcpSettings(
    Backend backend, int threads, String listen, String advertise, int connections, int pieceBytes,
    int window, int pieces, boolean checksums, Optional<byte[]> secret, Times times,
    int maxConnections, int maxHandshakes, Optional<Tls> tls) {
  private static final int LEAST_SECRET = 16;
  private static final int MOST_WINDOW = 64;
  private static final Duration LONGEST = Duration.ofHours(1);

  /**
   * How long things may take.
   *
   * @param heartbeat after how long a side that has nothing to say shows that it lives
   * @param silence after how long without any a peer is lost
   * @param handshake how long a peer may take to say who it is
   * @param fence how long a peer may take to end what a revoked grant had allowed
   * @param spin how long a loop looks for more before it sleeps
   */
  record Times(
      Duration heartbeat, Duration silence, Duration handshake, Duration fence, Duration spin) {}

  static TcpSettings from(Settings settings) {
    TcpSettings read = new TcpSettings(
        settings.choice("backend", Backend.class), settings.integer("threads"),
        settings.string("listen"), settings.string("advertise"), settings.integer("connections"),
        bytes(settings, "piece"), settings.integer("window"), MOST_WINDOW,
        settings.flag("checksums"), secret(settings), times(settings),
        settings.integer("max-connections"), settings.integer("max-handshakes"),
        Tls.from(settings.section("tls")));
    check(settings, "threads", read.threads, 1, 64);
    check(settings, "connections", read.connections, 1, 64);
    check(settings, "window", read.window, 1, MOST_WINDOW);
    check(settings, "piece", read.pieceBytes, 4 << 10, 64 << 20);
    check(settings, "max-connections", read.maxConnections, 1, 1 << 20);
    check(settings, "max-handshakes", read.maxHandshakes, 1, 1 << 16);
    check(settings, read.times);
    if (!Addresses.fits(read.listen)) {
      throw new SettingsException(
          "%s is a host and a port, such as 10.0.0.1:7421, and not '%s'"
              .formatted(settings.origin("listen"), read.listen));
    }
    return read;
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

  private static int bytes(Settings settings, String key) {
    ByteSize size = settings.bytes(key);
    return (int) Math.min(Integer.MAX_VALUE, size.bytes());
  }

  private static Times times(Settings settings) {
    return new Times(
        settings.duration("heartbeat"), settings.duration("silence"),
        settings.duration("handshake"), settings.duration("fence"), settings.duration("spin"));
  }

  private static void check(Settings settings, String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new SettingsException(
          "%s must be %d to %d, not %d".formatted(settings.origin(key), least, most, value));
    }
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

  Duration heartbeat() {
    return times.heartbeat;
  }

  Duration silence() {
    return times.silence;
  }

  Duration handshake() {
    return times.handshake;
  }
}
