package io.pagoda.core.peer;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a store behaves towards its peers.
 *
 * @param name what it calls itself
 * @param listen where others may ask, if anywhere
 * @param secret what both sides know; without one, whoever reaches the port may read blocks
 * @param lifetime how long blocks are lent at most
 * @param share of the slots of host memory that may be lent at once, more than 0 and at most 1
 * @param guests how many peers may ask
 * @param silence after how long a peer of which nothing was heard is gone
 */
public record PeerSettings(
    String name, Optional<InetSocketAddress> listen, Optional<byte[]> secret, Duration lifetime,
    double share, int guests, Duration silence) {
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(2);

  /** Checks the values. */
  public PeerSettings {
    if (lifetime.toMillis() < 1 || guests < 1) {
      throw new IllegalArgumentException(
          "lifetime is 1ms at least and guests is 1 at least, not %s and %d"
              .formatted(lifetime, guests));
    }
    if (silence.compareTo(LEAST_SILENCE) < 0) {
      throw new IllegalArgumentException(
          "peers say something each second, so silence is at least %s, not %s"
              .formatted(LEAST_SILENCE, silence));
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share is more than 0 and at most 1, not " + share);
    }
  }

  /** {@return the same of a store that only asks} */
  public PeerSettings lendingToNobody() {
    return new PeerSettings(name, Optional.empty(), secret, lifetime, share, guests, silence);
  }

  /** Tells nobody the secret. */
  @Override
  public String toString() {
    return "peer %s at %s".formatted(name, listen.map(Object::toString).orElse("no address"));
  }
}
