package io.pagoda.core.graph;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.HubNeighbour;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.spi.tier.Zoned;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A tier's place in a graph. The tier in it may leave and another may come while the store serves;
 * what it offers stays the same.
 *
 * <p><b>Threads.</b> Any. Who {@linkplain #vacate vacates} it sees to it that nothing is in flight.
 */
public final class Seat implements StorageTier, HubNeighbour, Recoverable, Zoned {
  private final TierSpec spec;
  private final boolean recoverable;

  /** Which medium each slot is on; empty if there is one. */
  private final int[] zones;

  private volatile @Nullable StorageTier tier;
  private @Nullable MemorySegment hub;

  /** Seats a tier, which must not be {@linkplain #binding bound} to its place. */
  public Seat(StorageTier tier) {
    this.spec = tier.spec();
    this.recoverable = tier.ability(Recoverable.class).isPresent();
    this.zones = zones(tier);
    this.tier = tier;
  }

  private static int[] zones(StorageTier tier) {
    Zoned zoned = tier.ability(Zoned.class).orElse(null);
    int[] zones = new int[zoned == null || zoned.zones() == 1 ? 0 : tier.spec().slots()];
    if (zoned != null) {
      Arrays.setAll(zones, zoned::zone);
    }
    return zones;
  }

  /** {@return what binds a tier to its place for as long as its store is open, if anything does} */
  public static Optional<String> binding(StorageTier tier) {
    return tier.ability(Keyed.class).map(_ -> "other machines share it");
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    StorageTier there = tier;
    if (there == null) {
      completion.complete(vacant());
    } else {
      there.load(batch, completion);
    }
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    StorageTier there = tier;
    if (there == null) {
      completion.complete(vacant());
    } else {
      there.store(batch, completion);
    }
  }

  private static BatchResult vacant() {
    return new BatchResult.Failed(
        new PagodaException(Fault.TRANSIENT, "the tier was taken out while the store serves"));
  }

  /** What the engine keeps of a tier is the seat; all else is asked of who is in it. */
  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    boolean own = ability == HubNeighbour.class
        || (ability == Zoned.class && zones.length > 0)
        || (ability == Recoverable.class && recoverable);
    if (own) {
      return Optional.of(ability.cast(this));
    }
    StorageTier there = tier;
    return there == null || ability.isInstance(this) ? Optional.empty() : there.ability(ability);
  }

  @Override
  public synchronized void meet(MemorySegment memory) {
    hub = memory;
    StorageTier there = tier;
    if (there != null) {
      there.ability(HubNeighbour.class).ifPresent(neighbour -> neighbour.meet(memory));
    }
  }

  private Optional<Recoverable> recoverable() {
    return Optional.ofNullable(tier).flatMap(there -> there.ability(Recoverable.class));
  }

  @Override
  public void recover(SealShape shape, Recovery recovery) {
    recoverable().ifPresent(able -> able.recover(shape, recovery));
  }

  @Override
  public void forget(int slot) {
    recoverable().ifPresent(able -> able.forget(slot));
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    return recoverable().map(Recoverable::forgetAll)
        .orElseGet(
            () -> CompletableFuture.failedStage(new IllegalStateException("the seat is empty")));
  }

  @Override
  public int zones() {
    return Arrays.stream(zones).max().orElse(0) + 1;
  }

  @Override
  public int zone(int slot) {
    return zones[slot];
  }

  /** Leaves the seat empty, and returns who was in it: the caller closes it. */
  public synchronized Optional<StorageTier> vacate() {
    StorageTier left = tier;
    tier = null;
    return Optional.ofNullable(left);
  }

  /**
   * Says whether a tier may come into the empty seat.
   *
   * @throws PagodaException if it may not
   */
  public synchronized void check(StorageTier next) {
    if (tier != null) {
      throw refusal("the tier that is there was not taken out");
    }
    if (!next.spec().equals(spec)) {
      throw refusal("its place is for %s, and this is %s".formatted(spec, next.spec()));
    }
    if (next.ability(Recoverable.class).isPresent() != recoverable) {
      throw refusal(
          "its blocks %s the process, and those of the first did not"
              .formatted(recoverable ? "end with" : "outlive"));
    }
    if (!Arrays.equals(zones(next), zones)) {
      throw refusal("its slots are on other media than those of the first");
    }
    binding(next).ifPresent(why -> {
      throw refusal(why);
    });
  }

  /**
   * Puts a tier into the empty seat, which {@link #check} has seen.
   *
   * @throws PagodaException if somebody else was faster; the caller still owns the tier
   */
  public synchronized void occupy(StorageTier next) {
    check(next);
    MemorySegment memory = hub;
    if (memory != null) {
      next.ability(HubNeighbour.class).ifPresent(neighbour -> neighbour.meet(memory));
    }
    tier = next;
  }

  private static PagodaException refusal(String why) {
    return new PagodaException(Fault.PERMANENT, "the tier cannot be put in now: " + why);
  }

  /** Closes the tier that is in it, if one is. */
  @Override
  public void close() {
    vacate().ifPresent(StorageTier::close);
  }
}
