package io.pagoda.core;

import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.graph.Seat;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.revive.Rejoining;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Health;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Scrub;
import io.pagoda.core.run.Tasks;
import io.pagoda.spi.tier.StorageTier;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/*
 * Taking a tier out is what happens when one fails, but for the waiting: its blocks are forgotten,
 * nothing more is asked of it, and when it has answered what it was asked before nobody touches it.
 * Plans that were made before still have hops to its slots. They end as failed, also when another
 * tier is in the place: a plan knows how often tiers had been taken out when it was made.
 */
/**
 * Takes tiers out of a store that serves, and puts others in their place.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Seats {
  private final Conductor conductor;
  private final TierGraph graph;
  private final Ledger ledger;
  private final Health health;
  private final Scrub scrub;
  private final Tasks tasks;
  private final BooleanSupplier closed;
  private final BooleanSupplier idle;

  /** Changes nothing; {@code idle} is asked by tasks whether nothing may begin now. */
  Seats(
      Conductor conductor, TierGraph graph, Ledger ledger, Health health, Scrub scrub, Tasks tasks,
      BooleanSupplier closed, BooleanSupplier idle) {
    this.closed = closed;
    this.idle = idle;
    this.tasks = tasks;
    this.conductor = conductor;
    this.graph = graph;
    this.ledger = ledger;
    this.health = health;
    this.scrub = scrub;
  }

  /**
   * Has a tier be given no more blocks, and what it has go to the next: by way of the hub, to tiers
   * that take what leaves it. If there is none, its blocks stay until it is taken out.
   *
   * @param name what the tier is called
   * @return completes when each of its blocks was moved, or could not be, with how many were not
   * @throws IllegalArgumentException as {@link #vacate}
   */
  public CompletionStage<Drained> drain(String name) {
    seat(name);
    int number = graph.number(name);
    var drained = new CompletableFuture<Drained>();
    conductor.execute(() -> {
      health.drain(number, true);
      if (leadsOn(number)) {
        new Exodus(conductor, ledger, tasks, health, number, idle, drained::complete).go();
      } else {
        var none = new Drained(0, ledger.space.occupied(number), true);
        conductor.announce(() -> drained.complete(none));
      }
    });
    return drained.minimalCompletionStage();
  }

  /** {@return whether what leaves the hub may go to another tier} */
  private boolean leadsOn(int number) {
    return IntStream.range(1, graph.tiers().size())
        .anyMatch(
            other -> other != number
                && health.state(other) == TierState.HEALTHY
                && !health.drains(other)
                && graph.edges().get(other - 1).write() == WritePolicy.BACK);
  }

  /** Has a tier be given blocks again that {@linkplain #drain drains}. */
  public void keep(String name) {
    seat(name);
    int number = graph.number(name);
    conductor.execute(() -> health.drain(number, false));
  }

  /**
   * Takes a tier out. Its blocks are forgotten: who waits for one gets a shorter prefix. Those that
   * outlive the process stay where they are, and come back with the tier.
   *
   * @param name what the tier is called
   * @return the tier, when nobody asks anything of it any more: to be closed by the caller
   * @throws IllegalArgumentException if there is none of this name, or it stays as long as its
   *     store
   */
  public CompletionStage<StorageTier> vacate(String name) {
    Seat seat = seat(name);
    int number = graph.number(name);
    var left = new CompletableFuture<StorageTier>();
    conductor
        .execute(() -> health.rest(number, () -> scrub.whenQuiet(() -> conductor.announce(() -> {
          health.durables().tell(number);
          conductor.execute(() -> leave(seat, left));
        }))));
    return left.minimalCompletionStage();
  }

  /** As a task, so that nobody is asking the tier how it is. */
  private void leave(Seat seat, CompletableFuture<StorageTier> left) {
    Optional<StorageTier> tier = seat.vacate();
    conductor.announce(
        () -> tier.ifPresentOrElse(
            left::complete,
            () -> left.completeExceptionally(new IllegalStateException("the place is empty"))));
  }

  /**
   * Puts a tier where one was taken out, with the blocks that it brings.
   *
   * @param name what the place is called
   * @param tier the tier, which the store then owns
   * @return how many blocks it brings that are ready
   * @throws io.pagoda.PagodaException if it is not as the place needs it, or cannot hand over what
   *     it holds; the caller still owns it
   */
  public int occupy(String name, StorageTier tier) {
    int number = graph.number(name);
    Seat seat = seat(name);
    seat.check(tier);
    Rejoining rejoining = Rejoining.of(graph, number, tier);
    seat.occupy(tier);
    try {
      return conductor.call(() -> rejoined(number, rejoining));
    } catch (RuntimeException | Error e) {
      seat.vacate();
      throw e;
    }
  }

  private int rejoined(int number, Rejoining rejoining) {
    if (closed.getAsBoolean()) {
      throw new IllegalStateException("the store is closed");
    }
    int ready = 0;
    if (health.durables().come(number)) {
      rejoining.giveUp(ledger.space);
    } else {
      ready = rejoining.run(ledger.index, ledger.space, entry -> ledger.regain(entry, number));
    }
    health.resume(number);
    return ready;
  }

  private Seat seat(String name) {
    StorageTier there = graph.tiers().get(graph.number(name)).tier();
    if (there instanceof Seat seat) {
      return seat;
    }
    String why = graph.number(name) == 0
        ? "all bytes pass through it"
        : Seat.binding(there).orElse("it was given no seat");
    throw new IllegalArgumentException(
        "Tier '%s' stays as long as its store: %s".formatted(name, why));
  }
}
