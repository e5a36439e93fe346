package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantListener.End;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Window;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** The grants of a transport, by their tokens. Safe for use by many threads. */
final class Grants {
  /** Of how many grants it is known why they ended. */
  private static final int REMEMBERED = 4_096;

  private final Map<Token, RdmaGrant> byToken = new ConcurrentHashMap<>();
  private final Set<RdmaGrant> unfinished = ConcurrentHashMap.newKeySet();
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
  private final long fenceNanos;
  private final InstantSource clock;
  private boolean closed;

  /** Sixteen bytes that nobody can guess. */
  record Token(long high, long low) {
    static Token of(byte[] bytes) {
      ByteBuffer words = ByteBuffer.wrap(bytes);
      return new Token(words.getLong(), words.getLong());
    }
  }

  /**
   * Creates them, without any.
   *
   * @param fenceNanos how long a peer may take to end what a revoked grant had allowed
   * @param clock which also goes on while the machine is suspended, as timers do not
   */
  Grants(UUID generation, Regions regions, Timers timers, long fenceNanos, InstantSource clock) {
    this.generation = generation;
    this.regions = regions;
    this.timers = timers;
    this.fenceNanos = fenceNanos;
    this.clock = clock;
  }

  /** {@return whether the time of a grant is over, whatever timers say} */
  boolean late(GrantMetadata grant) {
    return clock.millis() > grant.expiry().toEpochMilli();
  }

  RdmaGrant open(GrantTerms terms, GrantListener listener) {
    return open(
        terms, listener, Handshake.random(GrantMetadata.TOKEN_BYTES), new Tally(terms.uses()));
  }

  /**
   * Opens one of several devices' grants that are one to peers.
   *
   * @param token of all of them
   * @param tally by which all of them count
   */
  RdmaGrant open(GrantTerms terms, GrantListener listener, byte[] token, Tally tally) {
    if (terms.windows().size() > RdmaTransport.MAX_WINDOWS) {
      throw new IllegalArgumentException(
          "A grant of %d windows; at most %d"
              .formatted(terms.windows().size(), RdmaTransport.MAX_WINDOWS));
    }
    List<RdmaRegion> entered = enter(terms.windows());
    List<RdmaGrant.Lent> windows;
    try {
      windows = RdmaGrant.register(regions, terms);
    } catch (RuntimeException e) {
      entered.forEach(RdmaRegion::leave);
      throw e;
    }
    long[] bytes = terms.windows().stream().mapToLong(Window::bytes).toArray();
    long lifetime = Timers.nanos(terms.lifetime());
    GrantMetadata metadata = new GrantMetadata(
        RdmaTransport.TYPE, generation, token, terms.rights(), clock.instant().plusNanos(lifetime),
        bytes, new byte[0]);
    RdmaGrant grant = new RdmaGrant(this, metadata, terms, entered, windows, listener, tally);
    add(grant, Token.of(token));
    grant.expires(timers.in(lifetime, () -> grant.end(End.EXPIRED)));
    return grant;
  }

  private void add(RdmaGrant grant, Token token) {
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

  private List<RdmaRegion> enter(List<Window> windows) {
    List<RdmaRegion> entered = new ArrayList<>();
    try {
      windows.forEach(window -> entered.add(RdmaRegion.enter(window.region(), regions)));
      return entered;
    } catch (RuntimeException e) {
      entered.forEach(RdmaRegion::leave);
      throw e;
    }
  }

  @Nullable
  RdmaGrant find(byte[] token) {
    return byToken.get(Token.of(token));
  }

  /** {@return why there is no grant with this token, as far as that is remembered} */
  Status ending(byte[] token) {
    synchronized (endings) {
      return endings.getOrDefault(Token.of(token), Status.NO_GRANT);
    }
  }

  /** {@return what is done if peers do not leave in time} */
  @Nullable
  ScheduledFuture<?> cutLater(Runnable cut) {
    return timers.in(fenceNanos, cut);
  }

  /** A grant has ended. */
  void forget(RdmaGrant grant, Status why) {
    Token token = Token.of(grant.metadata().token());
    synchronized (endings) {
      endings.put(token, why);
    }
    byToken.remove(token);
  }

  void finished(RdmaGrant grant) {
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
