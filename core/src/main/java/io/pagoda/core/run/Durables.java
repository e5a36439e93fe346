package io.pagoda.core.run;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tiers whose blocks outlive the process: what they are given with a store, and told to forget.
 *
 * <p><b>Threads.</b> Confined to the conductor, where nothing else is said.
 */
public final class Durables {
  private final Conductor conductor;
  private final Space space;
  private final @Nullable Durable[] tiers;
  private final AtomicBoolean telling = new AtomicBoolean();
  private boolean emptying;
  private Duration patience = Duration.ofSeconds(30);
  private @Nullable TimeSource time;
  private ObjIntConsumer<String> late = (_, _) -> {};

  /** Completes when all blocks that were dropped are forgotten; null while none are. */
  private @Nullable CompletableFuture<Void> dropping;

  /**
   * Finds them.
   *
   * @param conductor whose tasks drop blocks
   * @param nodes the tiers
   * @param space whose slots are given back
   */
  public Durables(Conductor conductor, List<TierNode> nodes, Space space) {
    this.conductor = conductor;
    this.space = space;
    this.tiers = new Durable[nodes.size()];
    for (int tier = Space.HUB + 1; tier < tiers.length; tier++) {
      int number = tier;
      TierNode node = nodes.get(tier);
      node.tier()
          .ability(Recoverable.class)
          .map(able -> new Durable(node.name(), able::forget, able::forgetAll))
          .ifPresent(durable -> {
            tiers[number] = durable;
            space.onRelease(number, slot -> released(number, slot));
          });
      node.tier()
          .ability(Keyed.class) // what only this machine forgets stays for the others
          .ifPresent(able -> tiers[number] = new Durable(node.name(), _ -> {}, able::forgetAll));
    }
  }

  /**
   * Has a tier's promise to forget everything be awaited no longer than {@code timeout}.
   *
   * @param onLate told of a tier that did not keep to it, and why that matters
   */
  void limit(Duration timeout, TimeSource source, ObjIntConsumer<String> onLate) {
    patience = timeout;
    time = source;
    late = onLate;
  }

  /** {@return whether stores to a tier carry seals} */
  boolean seals(int tier) {
    return tiers[tier] != null;
  }

  /** Learns that a slot was given back, whose block may still be there. */
  void released(int tier, int slot) {
    Durable durable = tiers[tier];
    if (durable == null || emptying) {
      return;
    }
    durable.due(slot);
    if (telling.compareAndSet(false, true)) {
      conductor.afterwards(this::tellAll);
    }
  }

  /** Has the block in a slot be forgotten that a tier told of, and nobody can use. */
  public void giveUp(int tier, int slot) {
    conductor.execute(() -> released(tier, slot));
  }

  /**
   * Drops every block, of which none is in use; all that the tiers still hold is given up with one
   * call to each. Completes when none can come back. Until then nothing may be stored, so who calls
   * again meanwhile waits for the same.
   */
  public CompletionStage<Void> dropAll() {
    CompletableFuture<Void> earlier = dropping;
    if (earlier != null) {
      return earlier;
    }
    emptying = true;
    try {
      space.dropAll();
    } finally {
      emptying = false;
    }
    var gone = new CompletableFuture<Void>();
    dropping = gone;
    conductor.afterwards(() -> forgetAll().whenComplete((_, failure) -> conductor.execute(() -> {
      dropping = null;
      conductor.announce(() -> complete(gone, failure));
    })));
    return gone;
  }

  private static void complete(CompletableFuture<Void> gone, @Nullable Throwable failure) {
    if (failure == null) {
      gone.complete(null);
    } else {
      gone.completeExceptionally(failure);
    }
  }

  /** Tells a tier what it is to forget, before it is stored to, or leaves. From any thread. */
  public void tell(int tier) {
    Durable durable = tiers[tier];
    if (durable != null) {
      durable.tell();
    }
  }

  private void tellAll() {
    telling.set(false);
    all().forEach(Durable::tell);
  }

  void retire(int tier) {
    Durable durable = tiers[tier];
    if (durable != null) {
      durable.retire();
    }
  }

  /** Has what a tier holds stay there, which is about to leave. */
  void leave(int tier) {
    keep(tier, true);
  }

  /** Has a tier hold on to the blocks whose slots {@code action} gives back. */
  public void keeping(int tier, Runnable action) {
    keep(tier, true);
    action.run();
    keep(tier, false);
  }

  private void keep(int tier, boolean blocks) {
    Durable durable = tiers[tier];
    if (durable != null) {
      durable.keep(blocks);
    }
  }

  /** Has a tier be told again; returns whether what it brings was dropped, or is just now. */
  public boolean come(int tier) {
    Durable durable = tiers[tier];
    return durable != null && (durable.come() || dropping != null);
  }

  /** Has every tier forget all that it holds. When the conductor has been left. */
  private CompletionStage<Void> forgetAll() {
    return CompletableFuture.allOf(
        IntStream.range(0, tiers.length)
            .filter(tier -> tiers[tier] != null)
            .mapToObj(this::forgotten)
            .toArray(CompletableFuture[]::new));
  }

  /** {@return what completes as the tier's promise does, or when it is late} */
  private CompletableFuture<Void> forgotten(int tier) {
    Durable durable = Objects.requireNonNull(tiers[tier]);
    var gone = new CompletableFuture<Void>();
    durable.tellAll().whenComplete((_, failure) -> complete(gone, failure));
    TimeSource clock = time;
    if (!gone.isDone() && clock != null) {
      clock.wakeAt(clock.nanoTime() + patience.toNanos(), () -> {
        String why = ("forgetting every block was not answered within %s: the device hangs. What "
            + "the tier holds may be found again after a restart").formatted(patience);
        if (gone.completeExceptionally(new PagodaException(Fault.FATAL, why))) {
          conductor.execute(() -> late.accept(why, tier));
        }
      });
    }
    return gone;
  }

  private Stream<Durable> all() {
    return Stream.of(tiers).filter(Objects::nonNull);
  }
}
