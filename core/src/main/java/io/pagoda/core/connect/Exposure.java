package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Fault;
import io.pagoda.OperationEnd;
import io.pagoda.OperationKind;
import io.pagoda.OperationState;
import io.pagoda.OperationTerms;
import io.pagoda.PagodaException;
import io.pagoda.PassiveOperation;
import io.pagoda.RdmaMetadata;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Memory here that peers may use, and what is heard of them. */
abstract sealed class Exposure implements PassiveOperation permits ReadExposure, WriteExposure {
  private static final Logger LOG = System.getLogger(Exposure.class.getPackageName());
  private static final int[] NONE = {};

  private final OperationKind kind;
  private final List<Descriptor> local;
  private final OperationTerms terms;
  private final Roster roster;
  private final Executor executor;
  private final Life life;
  private final UUID key = UUID.randomUUID();
  private final List<Grant> grants = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  /** Of writes that peers say are done: they read the memory. */
  private final List<CompletableFuture<?>> comparisons = new ArrayList<>();
  private final Set<UUID> heard = new HashSet<>();
  private final GrantListener listener = new Listener();
  private int used;
  private @Nullable OperationEnd worst;
  private @Nullable RdmaMetadata metadata;

  /**
   * Creates it; {@link #open} follows.
   *
   * @param kind what peers may do
   * @param local the memory
   * @param terms for how long, and for how many
   * @param roster which it leaves when it has settled
   * @param executor where it may block
   */
  Exposure(
      OperationKind kind, List<Descriptor> local, OperationTerms terms, Roster roster,
      Executor executor) {
    this.kind = kind;
    this.local = List.copyOf(local);
    this.terms = terms;
    this.roster = roster;
    this.executor = executor;
    life = new Life(executor);
  }

  /** Grants the memory by every track that can, or by none. */
  final void open(List<Track> tracks, PayloadText text) {
    boolean compared = terms.verified() && kind == OperationKind.READ;
    int[] checksums = compared ? Sums.of(local) : NONE;
    List<Offer> offers = new ArrayList<>();
    try {
      for (Track track : tracks) {
        offers.add(offer(track));
      }
      metadata = text.write(
          new Payload(
              kind, key, Instant.now().plus(terms.deadline()), terms.uses(), terms.verified(),
              local.stream().map(Descriptor::described).toList(), checksums, offers));
    } catch (RuntimeException e) {
      cancelled();
      throw e;
    }
    if (life.state().terminal()) {
      release();
    }
  }

  private Offer offer(Track track) {
    List<Region> opened = track.register(local);
    List<Window> windows = opened.stream().map(Window::of).toList();
    Right right = kind == OperationKind.READ ? Right.READ : Right.WRITE;
    synchronized (this) {
      regions.addAll(opened);
    }
    Grant data =
        grant(track, new GrantTerms(windows, Set.of(right), terms.deadline(), terms.uses()));
    Grant control = grant(track, new GrantTerms(track.pulse(), Right.READ, terms.deadline()));
    return new Offer(track.endpoint().metadata(), data.metadata(), control.metadata());
  }

  private Grant grant(Track track, GrantTerms given) {
    Grant grant = track.transport().grant(given, listener);
    synchronized (this) {
      grants.add(grant);
    }
    return grant;
  }

  /** Hears of the peers. */
  private final class Listener implements GrantListener {
    @Override
    public void notified(Peer peer, byte[] message) {
      Told.decode(message)
          .filter(told -> told.key().equals(key))
          .ifPresentOrElse(
              told -> heard(peer, told),
              () -> LOG.log(Level.DEBUG, "{0} told something else than of {1}", peer, key));
    }

    @Override
    public void lost(Peer peer, PagodaException cause) {
      synchronized (Exposure.this) {
        if (heard.contains(peer.generation())) {
          return;
        }
      }
      use(peer, errored(Trouble.PEER_LOST, "its peer is lost: " + cause.getMessage(), cause));
    }

    @Override
    public void ended(End end) {
      if (end == End.EXPIRED) {
        end(
            errored(
                Trouble.EXPIRED,
                "nobody was done with it within %d ms".formatted(terms.deadline().toMillis()),
                null));
      }
    }
  }

  private void heard(Peer peer, Told told) {
    String says = "%s says: %s".formatted(peer.name(), told.reason());
    switch (told.what()) {
      case DONE -> done(peer, told);
      case CANCELLED -> use(peer, OperationEnd.cancelled());
      case FAILED -> use(peer, errored(Trouble.PEER_FAILED, says, null));
      case EXPIRED -> use(peer, errored(Trouble.EXPIRED, says, null));
      case CORRUPT -> use(peer, errored(Trouble.CORRUPT, says, null));
    }
  }

  private void done(Peer peer, Told told) {
    if (told.bytes() != bytes()) {
      use(
          peer,
          errored(
              Trouble.PEER_FAILED,
              "%s moved %d bytes of %d".formatted(peer.name(), told.bytes(), bytes()), null));
    } else if (terms.verified() && kind == OperationKind.WRITE) {
      compareLater(peer, told);
    } else {
      use(peer, OperationEnd.complete(bytes()));
    }
  }

  /** Compares in another thread, for as many peers as may use it. */
  private synchronized void compareLater(Peer peer, Told told) {
    if (comparisons.size() < terms.uses()) {
      comparisons.add(
          CompletableFuture.runAsync(() -> compare(peer, told), executor)
              .whenComplete((_, failure) -> {
                if (failure != null) {
                  use(peer, errored(Trouble.FAILED, "it cannot be compared: " + failure, failure));
                }
              }));
    }
  }

  private synchronized CompletionStage<?> compared() {
    return CompletableFuture.allOf(comparisons.toArray(CompletableFuture<?>[]::new))
        .handle((_, _) -> true);
  }

  private void compare(Peer peer, Told told) {
    if (told.checksums().length != local.size()) {
      use(peer, errored(Trouble.CORRUPT, peer.name() + " sent no checksums to compare", null));
      return;
    }
    OptionalInt wrong = Sums.differing(local, told.checksums());
    use(
        peer,
        wrong
            .isEmpty()
                ? OperationEnd.complete(bytes())
                : errored(
                    Trouble.CORRUPT, "descriptor %d, %s, arrived with other bytes than %s had"
                        .formatted(wrong.getAsInt(), local.get(wrong.getAsInt()), peer.name()),
                    null));
  }

  private OperationEnd errored(Trouble trouble, String why, @Nullable Throwable cause) {
    Fault fault = trouble == Trouble.CORRUPT ? Fault.PERMANENT : Fault.TRANSIENT;
    return OperationEnd
        .errored(new ConnectorException(trouble, fault, "%s: %s".formatted(this, why), cause));
  }

  /** A peer's operation has ended; the last one ends this. */
  private void use(Peer peer, OperationEnd how) {
    OperationEnd last;
    synchronized (this) {
      heard.add(peer.generation());
      worst = worst == null || worst.completed() ? how : worst;
      used++;
      last = worst;
      if (used < terms.uses()) {
        life.begin();
        return;
      }
    }
    end(last);
  }

  private void end(OperationEnd how) {
    if (life.end(how)) {
      release();
    }
  }

  private void cancelled() {
    end(OperationEnd.cancelled());
  }

  private void release() {
    List<Region> closing;
    List<Grant> revoking;
    synchronized (this) {
      revoking = List.copyOf(grants);
      closing = List.copyOf(regions);
    }
    // Not under the lock: a grant ends under one of its own, which who hears of it has already.
    CompletableFuture<?>[] fences = revoking.stream()
        .map(grant -> grant.revoke().toCompletableFuture())
        .toArray(CompletableFuture<?>[]::new);
    // Nobody is heard of behind the fences, so no other comparison begins.
    var _ = CompletableFuture.allOf(fences).thenCompose(_ -> compared()).thenRun(() -> {
      closing.forEach(Region::close);
      roster.leave(this);
      life.settle();
    });
  }

  private long bytes() {
    return local.stream().mapToLong(Descriptor::bytes).sum();
  }

  @Override
  public final RdmaMetadata metadata() {
    return Objects.requireNonNull(metadata);
  }

  @Override
  public final OperationKind kind() {
    return kind;
  }

  @Override
  public final OperationState state() {
    return life.state();
  }

  @Override
  public final CompletionStage<OperationEnd> ended() {
    return life.ended();
  }

  @Override
  public final CompletionStage<OperationEnd> settled() {
    return life.settled();
  }

  @Override
  public final CompletionStage<Boolean> cancel() {
    cancelled();
    return life.cancelled();
  }

  @Override
  public String toString() {
    return "Memory of %d bytes exposed to %s, operation %s".formatted(bytes(), kind, key);
  }
}
