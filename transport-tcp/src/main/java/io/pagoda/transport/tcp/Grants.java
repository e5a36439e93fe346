package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Window;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The grants of a transport, by their tokens. Safe for use by many threads. */
final class Grants {
  /** Of how many grants it is known why they ended. */
  private static final int REMEMBERED = 4_096;

  private final Map<Token, TcpGrant> byToken = new ConcurrentHashMap<>();
  private final Set<TcpGrant> unfinished = ConcurrentHashMap.newKeySet();
  private final Map<Token, Status> endings = new LinkedHashMap<>() {
    @Serial private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Token, Status> eldest) {
      return size() > REMEMBERED;
    }
  };
  private final UUID generation;
  private final Regions regions;
  private final Timers timers;
  private final Duration fence;
  private final InstantSource clock;
  private boolean closed;

  /** Sixteen bytes that nobody can guess. */
  private record Token(long high, long low) {
    static Token of(byte[] bytes) {
      ByteBuffer words = ByteBuffer.wrap(bytes);
      return new Token(words.getLong(), words.getLong());
    }
  }

  /**
   * Creates them, without any.
   *
   * @param fence how long a peer may take to end what a revoked grant had allowed
   * @param clock which also goes on while the machine is suspended, as timers do not
   */
  Grants(UUID generation, Regions regions, Timers timers, Duration fence, InstantSource clock) {
    this.generation = generation;
    this.regions = regions;
    this.timers = timers;
    this.fence = fence;
    this.clock = clock;
  }

  /** {@return whether the time of a grant is over, whatever timers say} */
  boolean late(GrantMetadata grant) {
    return clock.millis() > grant.expiry().toEpochMilli();
  }

  TcpGrant open(GrantTerms terms, GrantListener listener) {
    if (terms.windows().size() > TcpTransport.MAX_WINDOWS) {
      throw new IllegalArgumentException(
          "A grant of %d windows; at most %d"
              .formatted(terms.windows().size(), TcpTransport.MAX_WINDOWS));
    }
    List<TcpRegion> entered = enter(terms.windows());
    byte[] token = Handshake.random(Frame.TOKEN_BYTES);
    long[] bytes = terms.windows().stream().mapToLong(Window::bytes).toArray();
    long lifetime = nanos(terms.lifetime());
    GrantMetadata metadata = new GrantMetadata(
        "tcp", generation, token, terms.rights(), clock.instant().plusNanos(lifetime), bytes,
        new byte[0]);
    TcpGrant grant = new TcpGrant(this, metadata, terms, entered, listener);
    add(grant, Token.of(token));
    timers.set(grant.expiry(), lifetime);
    return grant;
  }

  private void add(TcpGrant grant, Token token) {
    synchronized (unfinished) {
      if (!closed) {
        unfinished.add(grant);
        byToken.put(token, grant);
        return;
      }
    }
    grant.drop();
    throw new IllegalStateException("The transport was closed");
  }

  static long nanos(Duration time) {
    return time.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE / 4 : time.toNanos();
  }

  private List<TcpRegion> enter(List<Window> windows) {
    List<TcpRegion> entered = new ArrayList<>();
    try {
      windows.forEach(window -> entered.add(TcpRegion.enter(window.region(), regions)));
      return entered;
    } catch (RuntimeException e) {
      entered.forEach(TcpRegion::leave);
      throw e;
    }
  }

  @Nullable
  TcpGrant find(byte[] token) {
    return byToken.get(Token.of(token));
  }

  /** {@return why there is no grant with this token, as far as that is remembered} */
  Status ending(byte[] token) {
    synchronized (endings) {
      return endings.getOrDefault(Token.of(token), Status.NO_GRANT);
    }
  }

  /** A grant has ended; if it is not idle, its peers are cut off after a while. */
  void forget(TcpGrant grant, Status why, Timed cutting, boolean idle) {
    timers.remove(grant.expiry());
    Token token = Token.of(grant.metadata().token());
    synchronized (endings) {
      endings.put(token, why);
    }
    byToken.remove(token);
    if (!idle) {
      timers.set(cutting, fence.toNanos());
    }
  }

  void finished(TcpGrant grant, Timed cutting) {
    timers.remove(cutting);
    unfinished.remove(grant);
  }

  int size() {
    return unfinished.size();
  }

  /** Revokes every grant, and lets none be opened; completes when all are fenced. */
  CompletableFuture<Void> close() {
    synchronized (unfinished) {
      closed = true;
    }
    return CompletableFuture.allOf(
        unfinished.stream()
            .map(grant -> grant.revoke().toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }
}
