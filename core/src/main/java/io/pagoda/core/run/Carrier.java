package io.pagoda.core.run;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.pool.Results;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.StorageTier;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Carries hops: calls tiers and copies host memory. What leaves host memory is sealed before, what
 * comes back is verified before anybody hears of it. A plugin may fail in any way it likes; a hop
 * ends once.
 *
 * <p><b>Threads.</b> {@link #carry} is called when the conductor has been left, and does not block.
 */
final class Carrier {
  private static final System.Logger LOG = System.getLogger(Carrier.class.getName());

  /**
   * Bound while a thread makes a small copy at once. What the end of that copy makes ready is left
   * to the copy threads, so that nobody copies for ever, one call within the other.
   */
  private static final ScopedValue<Boolean> COPYING = ScopedValue.newInstance();

  private final List<TierNode> tiers;
  private final Sections sections;
  private final Executor copies;
  private final long smallCopyBytes;
  private final Checksums checksums;
  private final Consumer<HopRun> ended;
  private final Consumer<HopRun> queued;
  private final Durables durables;
  private final SharedTiers shared;
  private final Set<String> failing = ConcurrentHashMap.newKeySet();

  Carrier(
      List<TierNode> tiers, Sections sections, Workshop workshop, Durables durables,
      Consumer<HopRun> ended, Consumer<HopRun> queued, SharedTiers shared) {
    this.tiers = tiers;
    this.sections = sections;
    this.copies = workshop.copies();
    this.smallCopyBytes = workshop.smallCopyBytes();
    this.checksums = workshop.checksums();
    this.ended = ended;
    this.queued = queued;
    this.durables = durables;
    this.shared = shared;
  }

  void carry(HopRun hop) {
    switch (hop.hop.kind()) {
      case LOAD -> load(hop);
      case STORE, SPILL -> copies.execute(() -> store(hop));
      case GATHER, SCATTER -> {
        if (pool(hop).onDevices()) {
          copyOnDevices(hop);
        } else if (hop.batch.bytes() <= smallCopyBytes && !COPYING.isBound()) {
          ScopedValue.where(COPYING, true).run(() -> copy(hop));
        } else {
          copies.execute(() -> copy(hop));
        }
      }
    }
  }

  private void load(HopRun hop) {
    Keyed keyed = shared.of(hop.hop.tier());
    if (keyed == null) {
      load(hop, loads(hop), BatchResult.COMPLETE);
      return;
    }
    Completion loaded = once(hop, result -> copies.execute(() -> arrived(hop, result)));
    call(() -> keyed.load(hop.batch, hop::sealed, loaded), loaded, hop);
  }

  /** Loads batches one after the other: a hop is one batch at a time to its tier. */
  private void load(HopRun hop, List<BlockBatch> batches, BatchResult before) {
    StorageTier tier = tier(hop.hop).tier();
    List<BlockBatch> others = batches.subList(1, batches.size());
    Completion loaded = once(hop, result -> {
      BatchResult all = Results.both(before, result);
      if (others.isEmpty() || all instanceof BatchResult.Failed || hop.givenUp) {
        copies.execute(() -> arrived(hop, all));
      } else {
        load(hop, others, all);
      }
    });
    call(() -> tier.load(batches.getFirst(), loaded), loaded, hop);
  }

  private void arrived(HopRun hop, BatchResult result) {
    hop.result = result;
    verify(hop);
    ended.accept(hop);
  }

  /** {@return what to load: whole blocks, or a batch for each range of a section} */
  private List<BlockBatch> loads(HopRun hop) {
    if (hop.hop.section() == Hop.WHOLE) {
      return List.of(hop.batch);
    }
    return sections.get(hop.hop.section())
        .ranges()
        .stream()
        .map(range -> hop.batch.part(range.offset(), range.bytes()))
        .toList();
  }

  private void verify(HopRun hop) {
    try {
      hop.verify(checksums);
    } catch (RuntimeException | Error e) {
      hop.result = failed("Verifying " + hop.batch + " failed: " + e, e);
    }
  }

  private void store(HopRun hop) {
    StorageTier tier = tier(hop.hop).tier();
    Completion stored = once(hop, result -> {
      hop.result = result;
      ended.accept(hop);
    });
    call(() -> {
      BlockBatch batch = hop.seal(checksums);
      durables.tell(hop.hop.tier());
      tier.store(batch, stored);
    }, stored, hop);
  }

  private void copy(HopRun hop) {
    try {
      PoolMemory pool = pool(hop);
      if (hop.hop.kind() == Kind.GATHER) {
        pool.gather(hop.batch);
      } else if (hop.hop.section() == Hop.WHOLE) {
        pool.scatter(hop.batch);
      } else {
        pool.scatterSection(hop.batch, hop.hop.section());
      }
    } catch (RuntimeException | Error e) {
      hop.result = failed("Copying " + hop.batch + " of engine memory failed: " + e, e);
    }
    ended.accept(hop);
  }

  /** Has devices copy. Their threads have others to tell, and leave the rest to a copy thread. */
  private void copyOnDevices(HopRun hop) {
    Completion copied = once(hop, result -> {
      if (!(result instanceof BatchResult.Complete)) {
        broken(hop);
      }
      copies.execute(() -> {
        hop.result = result;
        ended.accept(hop);
      });
    });
    PoolMemory pool = pool(hop);
    call(() -> {
      holdUp(hop, pool);
      if (hop.hop.kind() == Kind.GATHER) {
        pool.gather(hop.batch, copied, () -> broken(hop));
      } else {
        pool.scatter(hop.batch, hop.hop.section(), copied, () -> broken(hop));
      }
    }, copied, hop);
    if (hop.run.ordered() && !hop.broken) {
      queued.accept(hop);
    }
  }

  /** Nobody is told that blocks are on their way of which some are not. */
  private static void broken(HopRun hop) {
    hop.broken = true;
    if (hop.run.ordered()) {
      for (int i : hop.moving) {
        Ordering ordering = hop.run.pieceAt(hop.hop.positions()[i]).task.ordering;
        if (ordering != null) {
          ordering.silence();
        }
      }
    }
  }

  /** What one of a plan's callers waits for, all of its copies wait for. */
  private static void holdUp(HopRun hop, PoolMemory pool) {
    if (hop.run.ordered()) {
      for (Piece piece : hop.run.pieces) {
        if (piece.task.ordering != null) {
          piece.task.ordering.holdUp(pool);
        }
      }
    }
  }

  private static PoolMemory pool(HopRun hop) {
    PoolMemory pool = hop.run.pieces.getFirst().task.pool;
    if (pool == null) {
      throw new IllegalStateException("A task without memory of its own has nothing to copy");
    }
    return pool;
  }

  /** Lets the first result through; a tier that completes twice has a bug, which is told. */
  private Completion once(HopRun hop, Completion completion) {
    var completed = new AtomicBoolean();
    return told -> {
      BatchResult result = told == null ? nothing(hop) : told;
      if (completed.compareAndSet(false, true)) {
        tellFirstFailure(place(hop.hop), result);
        completion.complete(result);
      } else {
        LOG.log(
            System.Logger.Level.ERROR, "{0} completed one batch twice, then with {1}; ignored",
            place(hop.hop), result);
      }
    };
  }

  /** Says once for each tier why it loses blocks; the rest are counted. */
  private void tellFirstFailure(String place, BatchResult result) {
    PagodaException cause = switch (result) {
      case BatchResult.Failed failed -> failed.cause();
      case BatchResult.Partial partial -> partial.cause();
      case BatchResult.Complete _ -> null;
    };
    if (cause != null && failing.add(place)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} lost blocks, and counts those it may lose from now on: {1}", place,
          cause.getMessage());
    }
  }

  private void call(Runnable operation, Completion completion, HopRun hop) {
    try {
      operation.run();
    } catch (RuntimeException | Error e) {
      completion.complete(failed("%s refused %s: %s".formatted(place(hop.hop), hop.batch, e), e));
    }
  }

  private BatchResult nothing(HopRun hop) {
    String message = "%s completed %s with no result".formatted(place(hop.hop), hop.batch);
    return new BatchResult.Failed(new PagodaException(Fault.PERMANENT, message));
  }

  private static BatchResult failed(String message, Throwable cause) {
    return new BatchResult.Failed(new PagodaException(Fault.PERMANENT, message, cause));
  }

  /** {@return why not every block of a hop arrived} */
  String cause(HopRun hop) {
    String place = hop.hop.tier() == Hop.POOL ? "engine memory" : tier(hop.hop).name();
    return switch (hop.result) {
      case BatchResult.Failed failed -> place + ": " + failed.cause().getMessage();
      case BatchResult.Partial partial -> place + ": " + partial.cause().getMessage();
      case BatchResult.Complete _ -> place + ": bytes differ from what was stored";
    };
  }

  private String place(Hop hop) {
    return hop.tier() == Hop.POOL ? "Engine memory" : "Tier '" + tier(hop).name() + "'";
  }

  private TierNode tier(Hop hop) {
    return tiers.get(hop.tier());
  }
}
