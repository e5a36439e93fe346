package io.pagoda.core.run;

import io.pagoda.DeviceEvent;
import io.pagoda.LayerListener;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.PagodaException;
import io.pagoda.QueueListener;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Operation;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.observe.ByTier;
import io.pagoda.core.observe.Meter;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.space.Space;
import java.util.List;

/**
 * Ends tasks: counts what has arrived, tells callers, and keeps the figures.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Endings {
  private static final System.Logger LOG = System.getLogger(Endings.class.getName());

  private final Conductor conductor;
  private final Ledger ledger;
  private final TierGraph graph;
  private final Workshop workshop;
  private final Meter meter = new Meter();

  Endings(Conductor conductor, Ledger ledger, TierGraph graph, Workshop workshop) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.graph = graph;
    this.workshop = workshop;
  }

  Meter meter() {
    return meter;
  }

  /** Counts what was found where it should be, or on its way there, and is there now. */
  void countPresent(Piece piece) {
    if (piece.task.priority == Priority.FETCH) {
      return;
    }
    boolean inHub = piece.task.priority == Priority.PREFETCH;
    BlockIndex index = ledger.index;
    for (int i = piece.from; i < piece.to; i++) {
      int entry = piece.run.pinned[i];
      boolean there = inHub ? index.ready(entry, Space.HUB) : index.ready(entry);
      piece.run.arrived.set(i, there && !piece.run.lost.get(i));
    }
  }

  /** Ends a task: its outcome is fixed, and what it held on to is let go. */
  void finish(Task task, Outcome outcome) {
    count(task, outcome);
    tell(task, outcome);
    if (task.deadline != null) {
      task.deadline.leave();
    }
    ledger.unpin(task.giveUp(0));
    if (task.piece != null) {
      ledger.touch(task.piece);
    }
    task.tell(conductor, task.endWith(outcome));
  }

  private void count(Task task, Outcome outcome) {
    meter.ended(outcome.end());
    if (outcome.end() != End.CANCELLED) {
      meter.took(operation(task), workshop.nanoTime() - task.begunAt);
    }
    long bytes = outcome.blocks() * graph.blockBytes();
    switch (task.priority) {
      case FETCH -> {
        meter.add(JobCount.FETCHED_BLOCKS, outcome.blocks());
        meter.add(JobCount.FETCHED_BYTES, bytes);
      }
      case PUT -> {
        meter.add(JobCount.PUT_BLOCKS, outcome.blocks());
        meter.add(JobCount.PUT_BYTES, bytes);
      }
      case PREFETCH, BACKGROUND -> {}
    }
  }

  private void tell(Task task, Outcome outcome) {
    task.event.end();
    if (task.event.shouldCommit()) {
      String tiers = ByTier.text(graph.tiers(), task.sources);
      task.event.ended(task.priority.name(), task.wanted, outcome, tiers);
    }
  }

  /** Counts, for the flight recorder, where the blocks of a task come from. */
  void countSources(Task task, Taken taken) {
    if (task.event.isEnabled()) {
      if (task.sources.length == 0) {
        task.sources = new int[graph.tiers().size()];
      }
      for (int tier : taken.tiers()) {
        task.sources[tier]++;
      }
    }
  }

  private static Operation operation(Task task) {
    return switch (task.priority) {
      case FETCH -> Operation.FETCH;
      case PUT -> Operation.PUT;
      case PREFETCH, BACKGROUND -> Operation.PREFETCH;
    };
  }

  /** Tells the caller of an ended task that nothing of it is left. */
  void over(Task task) {
    Outcome all = complete(task);
    boolean stored = task.priority == Priority.PUT && task.pool != null;
    if (stored && all.end() != End.CANCELLED) {
      meter.took(Operation.PUT_FINISHED, workshop.nanoTime() - task.begunAt);
    }
    task.tell(conductor, task.finish(all));
  }

  /** Tells the caller of an ended task when nothing touches its memory any more. */
  void settle(Task task) {
    Runnable told = task.settle();
    if (told != null) {
      task.tell(conductor, told);
    }
  }

  /** Tells the caller which layers have come, of all its blocks. */
  void tellLayers(Piece piece) {
    tellQueued(piece);
    Task task = piece.task;
    LayerListener listener = task.options.layers();
    PoolMemory pool = task.pool;
    if (!task.options.layered() || pool == null || task.ended() || task.lacks()) {
      return;
    }
    int sections = graph.sections().count();
    int blocks = task.reach(piece, piece.notLost());
    if (piece.deserted(piece.notLost())) {
      return; // the next piece brings them again
    }
    for (int i = task.sectionsTold; i < sections && piece.over(i) && blocks > 0; i++) {
      int from = task.layersTold;
      int to = pool.layersWith(i);
      task.sectionsTold = i + 1;
      task.layersTold = to;
      task.tell(conductor, () -> {
        for (int layer = from; layer < to; layer++) {
          tell(listener, layer, blocks);
        }
      });
    }
  }

  /** Has events recorded, and the caller told, of what is on its way to or from devices. */
  void tellQueued(Piece piece) {
    Task task = piece.task;
    Ordering ordering = task.ordering;
    PoolMemory pool = task.pool;
    int blocks = task.reach(piece, piece.notLost());
    if (ordering == null
        || ordering.silent()
        || pool == null
        || task.ended()
        || task.lacks()
        || blocks == 0
        || piece.deserted(piece.notLost())) {
      return;
    }
    if (ordering.toDevice) {
      tellLayersQueued(piece, ordering, pool, blocks);
    }
    if (!ordering.allTold && piece.run.isQueued(Hop.WHOLE)) {
      ordering.allTold = true;
      QueueListener listener = ordering.order.listener();
      task.tell(conductor, () -> recorded(pool, ordering, ordering.order.end(), () -> {
        listener.allQueued(blocks);
      }));
    }
  }

  private void tellLayersQueued(Piece piece, Ordering ordering, PoolMemory pool, int blocks) {
    int sections = graph.sections().count();
    for (int i = ordering.sectionsTold; i < sections && piece.run.isQueued(i); i++) {
      int from = ordering.layersTold;
      int to = pool.layersWith(i);
      ordering.sectionsTold = i + 1;
      ordering.layersTold = to;
      QueueListener listener = ordering.order.listener();
      piece.task.tell(conductor, () -> recorded(pool, ordering, ordering.eventsOf(from, to), () -> {
        for (int layer = from; layer < to; layer++) {
          listener.layerQueued(layer, blocks);
        }
      }));
    }
  }

  /**
   * Records events and tells of them; of what could not be recorded nobody hears, nor of what comes
   * behind a copy that fails. Whatever fails is known when the events have been recorded.
   */
  private void recorded(
      PoolMemory pool, Ordering ordering, List<DeviceEvent> events, Runnable told) {
    try {
      pool.record(events, ordering.toDevice);
      if (!ordering.silent()) {
        told.run();
      }
    } catch (PagodaException e) {
      ordering.silence();
      LOG.log(System.Logger.Level.WARNING, "Events are not recorded: {0}", e.getMessage());
    } catch (RuntimeException | Error e) {
      workshop.callersFault("The caller's queue listener " + ordering.order.listener(), e);
    }
  }

  private void tell(LayerListener listener, int layer, int blocks) {
    try {
      listener.ready(layer, blocks);
    } catch (RuntimeException | Error e) {
      workshop.callersFault("The caller's layer listener " + listener, e);
    }
  }

  /** Remembers which of the blocks that a piece has brought lacks a copy first. */
  static void countCopies(Piece piece) {
    Task task = piece.task;
    int blocks = task.ended() ? piece.size() : piece.arrived();
    int uncopied = piece.run.uncopied.nextSetBit(piece.from) - piece.from;
    if (uncopied >= 0 && uncopied < blocks && piece.at + uncopied < task.copied) {
      task.copied = piece.at + uncopied;
      task.copyFailure = piece.run.copyFailure;
    }
  }

  /** {@return how far the blocks of an ended task have all the copies they should have} */
  private static Outcome complete(Task task) {
    return task.copied >= task.end().blocks()
        ? task.end()
        : Outcome.of(
            task.copied, task.wanted,
            "a tier that is written through did not take every block: " + task.copyFailure);
  }
}
