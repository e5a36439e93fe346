package io.pagoda.tier.ssd;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * A store may come to a slot that was forgotten, at any time. If its slot is still due, it is no
 * longer; if it is just being punched, the store begins when that is over. So no hole is ever
 * punched into what was stored after the slot was forgotten.
 *
 * The record goes first: what is due is punched when all erasures asked for before are written, or
 * a crash between the two would leave a record without its bytes.
 */
/**
 * Gives back the disk space of a device's slots whose blocks were forgotten: many at a time, in the
 * background.
 *
 * <p><b>Threads.</b> Any; holes are punched by the executor's.
 */
final class Puncher implements AutoCloseable {
  /** The most that is punched with one call, which a store to one of the slots may wait for. */
  static final long MOST_BYTES = 256 << 20;

  private final int device;
  private final Layout layout;
  private final Disk disk;
  private final Executor later;
  private final Supplier<CompletionStage<Void>> fence;
  private final BitSet due = new BitSet();
  private final BitSet now = new BitSet();
  private final List<Runnable> waiting = new ArrayList<>();
  private boolean swept;
  private boolean closed;
  private boolean told;

  /** Slots of one file, one after the other. */
  private record Run(int first, int end) {}

  /**
   * Creates a puncher with nothing to do.
   *
   * @param later what runs sweeps, one at a time, after some time in which more may come
   * @param fence completes when the erasures are written that were asked for before
   */
  Puncher(
      int device, Layout layout, Disk disk, Executor later, Supplier<CompletionStage<Void>> fence) {
    this.device = device;
    this.layout = layout;
    this.disk = disk;
    this.later = later;
    this.fence = fence;
  }

  /** Has the space of a slot be given back. */
  void forget(int slot) {
    forget(layout.index(slot), layout.index(slot) + 1);
  }

  /** Has the space of a stretch of the device's slots be given back. */
  synchronized void forget(int from, int to) {
    due.set(from, to);
    if (!swept && !closed && !due.isEmpty()) {
      swept = true;
      later.execute(this::sweep);
    }
  }

  /** Keeps the slots of a store; returns whether it has to wait, and will then be started. */
  synchronized boolean holdsUp(Transfer store, Runnable start) {
    boolean busy = false;
    for (int i = 0; i < store.size(); i++) {
      int index = layout.index(store.batch().slot(store.position(i)));
      due.clear(index);
      busy |= now.get(index);
    }
    if (busy) {
      waiting.add(start);
    }
    return busy;
  }

  /** Punches nothing more, but for what is being punched. */
  @Override
  public synchronized void close() {
    closed = true;
    due.clear();
  }

  private void sweep() {
    BitSet asked = asked();
    fence.get().whenComplete((_, failure) -> later.execute(() -> {
      if (failure == null) {
        for (Run run = next(asked); run != null; run = next(asked)) {
          punch(run);
        }
      }
    }));
  }

  private synchronized BitSet asked() {
    swept = false;
    return (BitSet) due.clone();
  }

  /** {@return what is to be punched next of what was asked for, or null if nothing is left} */
  private synchronized @Nullable Run next(BitSet asked) {
    asked.and(due);
    int first = asked.nextSetBit(0);
    if (first < 0) {
      return null;
    }
    long most = Math.max(1, MOST_BYTES / layout.blockBytes());
    int end = asked.nextClearBit(first);
    long endOfFile = ((long) first / layout.slotsPerFile() + 1) * layout.slotsPerFile();
    end = (int) Math.min(Math.min(end, endOfFile), first + most);
    due.clear(first, end);
    now.set(first, end);
    return new Run(first, end);
  }

  private void punch(Run run) {
    int slot = layout.slot(device, run.first);
    long bytes = (run.end - run.first) * layout.blockBytes();
    try {
      disk.punch(layout.file(slot), layout.position(slot), bytes);
    } catch (IOException e) {
      tell(e);
    } finally {
      over().forEach(Runnable::run);
    }
  }

  private synchronized List<Runnable> over() {
    now.clear();
    List<Runnable> held = List.copyOf(waiting);
    waiting.clear();
    return held;
  }

  private void tell(IOException e) {
    if (!told) {
      told = true;
      Engine.LOG.log(
          Level.WARNING, "Cannot give back the space of forgotten blocks; it is used again for "
              + "others. Further failures are not told",
          e);
    }
  }
}
