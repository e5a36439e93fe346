package io.pagoda.core.connect;

import io.pagoda.spi.transport.PeerMetadata;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Which peers could lately not be reached by which transport, so that what is begun next takes
 * another where there is one. Safe for use by many threads.
 */
final class Doubts {
  /** For so long a transport is not tried again, unless there is no other. */
  private static final long NANOS = Duration.ofSeconds(30).toNanos();

  /** More are not remembered: the oldest is tried again. */
  private static final int MOST = 1_024;

  private final LongSupplier clock;
  private final Map<Key, Doubt> doubts = new LinkedHashMap<>();

  /** A start of a peer's transport. */
  private record Key(String transport, UUID generation) {}

  private record Doubt(String why, long since) {}

  /** Creates it, with a clock of nanoseconds. */
  Doubts(LongSupplier clock) {
    this.clock = clock;
  }

  private static Key key(PeerMetadata peer) {
    return new Key(peer.transport(), peer.generation());
  }

  /** A peer cannot be reached, or not any more. */
  synchronized void add(PeerMetadata peer, String why) {
    doubts.remove(key(peer));
    if (doubts.size() == MOST) {
      doubts.remove(doubts.keySet().iterator().next());
    }
    doubts.put(key(peer), new Doubt(why, clock.getAsLong()));
  }

  /** {@return why a peer should not be tried now, if it should not} */
  synchronized Optional<String> about(PeerMetadata peer) {
    Doubt doubt = doubts.get(key(peer));
    if (doubt == null || clock.getAsLong() - doubt.since() > NANOS) {
      doubts.remove(key(peer));
      return Optional.empty();
    }
    return Optional.of(doubt.why());
  }
}
