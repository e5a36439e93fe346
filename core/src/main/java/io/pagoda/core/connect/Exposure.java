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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Memory here that peers may use, and what is heard of them. */
abstract sealed class Exposure implements PassiveOperation permits ReadExposure, WriteExposure {
  private static final Logger LOG = System.getLogger(Exposure.class.getPackageName());
  private static final int[] NONE = {};

  private final OperationKind kind;
  private final List<Descriptor> local;
  private final OperationTerms terms;
  private final Optional<Stage> stage;
  private final Roster roster;
  private final Executor executor;
  private final Life life;
  private final long began = System.nanoTime();
  private final UUID key = UUID.randomUUID();
  private final List<Grant> grants = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  /** Of writes that peers say are done: they read the memory. */
  private final List<CompletableFuture<?>> comparisons = new ArrayList<>();
  private final Set<UUID> heard = new HashSet<>();
  /** Who was counted as lost, as connected: the same process may come again by another way. */
  private final Set<Peer> gone = new HashSet<>();
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
   * @param stage host memory in its place, if it is staged
   * @param roster which it leaves when it has settled
   * @param executor where it may block
   */
  Exposure(
      OperationKind kind, List<Descriptor> local, OperationTerms terms, Optional<Stage> stage,
      Roster roster, Executor executor) {
    this.kind = kind;
    this.local = List.copyOf(local);
    this.terms = terms;
    this.stage = stage;
    this.roster = roster;
    this.executor = executor;
    life = new Life(executor);
  }

  /** Grants the memory by every track that can, or by none. Staged memory is waited for. */
  final void open(List<Track> tracks, PayloadText text) {
    List<Offer> offers = new ArrayList<>();
    try {
      stage.ifPresent(this::fill);
      int[] checksums = terms.verified() && kind == OperationKind.READ ? sums() : NONE;
      for (Track track : tracks) {
        offers.add(offer(track));
      }
      metadata = text.write(
          new Payload(
              kind, key, Instant.now().plus(lifetime()), terms.uses(), terms.verified(),
              local.stream().map(Descriptor::described).toList(), checksums, offers));
    } catch (RuntimeException | Error e) {
      life.end(OperationEnd.cancelled());
      release(); // again, if it was called off meanwhile
      roster.checkOpen(e);
      throw e;
    }
    if (life.state().terminal()) {
      release();
    }
  }

  /** Waits for memory, and for the device's bytes if they are to be read. */
  private void fill(Stage here) {
    CompletableFuture<?> filled = here.open(kind == OperationKind.READ).toCompletableFuture();
    try {
      filled.get(left().toNanos(), TimeUnit.NANOSECONDS);
      if (kind == OperationKind.WRITE) {
        here.clear();
      }
    } catch (TimeoutException _) {
      throw new ConnectorException(
          Trouble.EXPIRED, Fault.TRANSIENT,
          "%s: after %d ms, %s. Give it longer, or expose less at once"
              .formatted(this, terms.deadline().toMillis(), here.waiting()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("its thread was interrupted", e);
    } catch (CancellationException e) {
      throw failed("it was called off", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CancellationException off
          ? failed("it was called off", off)
          : failed(
              "its bytes cannot be copied from the device: " + why(e.getCause()), e.getCause());
    }
  }

  private static String why(@Nullable Throwable cause) {
    return cause instanceof PagodaException known ? "" + known.getMessage() : "" + cause;
  }

  private ConnectorException failed(String what, @Nullable Throwable cause) {
    Fault fault = cause instanceof PagodaException known ? known.fault() : Fault.TRANSIENT;
    return new ConnectorException(Trouble.FAILED, fault, "%s: %s".formatted(this, what), cause);
  }

  private int[] sums() {
    return stage.map(Stage::sums)
        .orElseGet(() -> Sums.of(local.stream().map(Sums::memory).toList()));
  }

  /** {@return how long peers may use it: what waiting for staged memory has left over} */
  private Duration lifetime() {
    Duration least = Duration.ofMillis(1);
    return stage.isEmpty() ? terms.deadline() : left().compareTo(least) < 0 ? least : left();
  }

  private Duration left() {
    return terms.deadline().minusNanos(System.nanoTime() - began);
  }

  private Offer offer(Track track) {
    List<Window> windows = stage.map(here -> here.windows(track)).orElseGet(() -> windows(track));
    Right right = kind == OperationKind.READ ? Right.READ : Right.WRITE;
    Duration lifetime = lifetime();
    Grant data = grant(track, new GrantTerms(windows, Set.of(right), lifetime, terms.uses()));
    Grant control = grant(track, new GrantTerms(track.pulse(), Right.READ, lifetime));
    return new Offer(track.endpoint().metadata(), data.metadata(), control.metadata());
  }

  private List<Window> windows(Track track) {
    List<Region> opened = track.register(local);
    synchronized (this) {
      regions.addAll(opened);
    }
    return opened.stream().map(Window::of).toList();
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
      synchronized (Exposure.this) {
        if (gone.contains(peer)) {
          LOG.log(Level.WARNING, "{0} told something after it was lost", peer);
          return;
        }
      }
      Told.decode(message)
          .filter(told -> told.key().equals(key))
          .ifPresentOrElse(
              told -> heard(peer, told),
              () -> LOG.log(Level.DEBUG, "{0} told something else than of {1}", peer, key));
    }

    @Override
    public void lost(Peer peer, PagodaException cause) {
      synchronized (Exposure.this) {
        if (used == terms.uses() || heard.contains(peer.generation())) {
          return;
        }
        gone.add(peer);
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
    OptionalInt wrong = differing(told.checksums());
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

  private OptionalInt differing(int[] expected) {
    return stage.map(here -> here.differing(expected))
        .orElseGet(() -> Sums.differing(local.stream().map(Sums::memory).toList(), expected));
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
      if (used == terms.uses()) {
        return; // who comes now is none of those that it was for
      }
      heard.add(peer.generation());
      worst = worst == null || worst.completed() ? how : worst;
      used++;
      last = worst;
      if (used < terms.uses()) {
        life.begin();
        return;
      }
    }
    if (stage.isPresent() && kind == OperationKind.WRITE && last.completed()) {
      land(stage.get(), last);
    } else {
      end(last);
    }
  }

  /** Copies what peers have written to the device, when none of them can write any more. */
  private void land(Stage here, OperationEnd how) {
    life.unlessWithin(
        left(),
        () -> end(
            errored(
                Trouble.EXPIRED, "its peers were done, and within %d ms %s"
                    .formatted(terms.deadline().toMillis(), here.waiting()),
                null)));
    var _ = fenced().thenComposeAsync(
        _ -> life.state().terminal() ? CompletableFuture.completedFuture(null) : here.land(),
        executor).whenComplete((_, failure) -> end(failure == null ? how : unlanded(failure)));
  }

  private OperationEnd unlanded(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return OperationEnd
        .errored(failed("its bytes cannot be copied to the device: " + why(cause), cause));
  }

  private void end(OperationEnd how) {
    if (life.end(how)) {
      release();
    }
  }

  private void cancelled() {
    end(OperationEnd.cancelled());
  }

  /** {@return completes when no peer touches the memory any more, nor is heard of} */
  private CompletableFuture<?> fenced() {
    List<Grant> revoking;
    synchronized (this) {
      revoking = List.copyOf(grants);
    }
    // Not under the lock: a grant ends under one of its own, which who hears of it has already.
    return CompletableFuture.allOf(
        revoking.stream()
            .map(grant -> grant.revoke().toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  private void release() {
    List<Region> closing;
    synchronized (this) {
      closing = List.copyOf(regions);
    }
    // Nobody is heard of behind the fences, so no other comparison begins.
    var _ = fenced().thenCompose(_ -> compared()).thenCompose(_ -> unstaged()).thenRun(() -> {
      closing.forEach(Region::close);
      roster.leave(this);
      life.settle();
    });
  }

  private CompletionStage<?> unstaged() {
    return stage.<CompletionStage<?>>map(Stage::close).orElseGet(this::compared);
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
    return "Memory of %d bytes exposed to %s%s, operation %s"
        .formatted(bytes(), kind, stage.isPresent() ? ", staged through host memory" : "", key);
  }
}
