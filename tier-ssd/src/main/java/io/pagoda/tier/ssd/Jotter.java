package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/*
 * A copy may wait for a page that the device has to bring or to take: for ever, if the device
 * hangs. The thread that ends stores is the device's own and may wait for it. Who has a block
 * forgotten may be a caller, a clock or the thread of another device: so that is only noted, and
 * written with the next stores or by a thread that may wait.
 */
/**
 * Writes records into memory that is the kernel's, in the thread that ends their stores: that takes
 * less than to wake another.
 *
 * <p><b>Threads.</b> As {@link Recorder}; only {@link #add} and {@link #close} wait for the device.
 */
final class Jotter implements Recorder {
  private final RecordLog log;
  private final Teller teller;
  private final Group group;
  private final Executor waiting;
  private final Object superblocks = new Object();
  private boolean counting;
  private boolean closed;

  /** What is asked for. Guards itself; whoever has it waits for nobody. */
  private final Asked asked = new Asked();

  private static final class Asked {
    final List<Integer> forgotten = new ArrayList<>();
    final List<CompletableFuture<Void>> raises = new ArrayList<>();
    boolean noting;
  }

  /**
   * Creates one with nothing to do. The log is its own from now on.
   *
   * @param waiting has a thread for each task, which may wait
   */
  Jotter(RecordLog log, Layout layout, Teller teller, Executor waiting) {
    this.log = log;
    this.teller = teller;
    this.group = new Group(layout);
    this.waiting = waiting;
  }

  @Override
  public boolean gathers() {
    return false;
  }

  @Override
  public void add(List<Transfer> stores) {
    jot(stores);
    stores.forEach(teller::tell);
  }

  @Override
  public void forget(int slot) {
    synchronized (asked) {
      asked.forgotten.add(slot);
      if (!asked.noting) {
        asked.noting = true;
        waiting.execute(this::note);
      }
    }
  }

  private synchronized void note() {
    synchronized (asked) {
      asked.noting = false;
    }
    if (!closed) {
      jot(List.of());
    }
  }

  private synchronized void jot(List<Transfer> stores) {
    synchronized (asked) {
      asked.forgotten.forEach(group::giveUp);
      asked.forgotten.clear();
    }
    stores.forEach(group::add);
    if (group.size() > 0) {
      commit();
    }
  }

  private void commit() {
    try {
      log.commit(group);
    } catch (RuntimeException e) {
      group.missAll(e);
    }
    group.clear();
    if (!counting && log.isUncounted()) {
      counting = true;
      waiting.execute(this::count);
    }
  }

  private void count() {
    synchronized (superblocks) {
      if (!closed) {
        log.retire();
      }
    }
    synchronized (this) {
      counting = false;
    }
  }

  @Override
  public CompletableFuture<Void> raise() {
    var done = new CompletableFuture<Void>();
    synchronized (asked) {
      asked.raises.add(done);
    }
    waiting.execute(this::raiseAll);
    return done;
  }

  /** Begins one epoch for all who have asked for one. */
  private void raiseAll() {
    List<CompletableFuture<Void>> raised;
    RuntimeException failure = null;
    synchronized (superblocks) {
      synchronized (asked) {
        raised = List.copyOf(asked.raises);
        asked.raises.clear();
      }
      try {
        if (!raised.isEmpty()) {
          raiseNow();
        }
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    for (CompletableFuture<Void> each : raised) {
      if (failure == null) {
        each.complete(null);
      } else {
        each.completeExceptionally(failure);
      }
    }
  }

  private void raiseNow() {
    checkOpen();
    BitSet before;
    synchronized (this) {
      jot(List.of());
      before = log.beginEpoch();
    }
    try {
      log.writeEpoch();
    } catch (PagodaException e) {
      synchronized (this) {
        log.stay(before);
      }
      throw e;
    }
  }

  @Override
  public CompletableFuture<Void> fence() {
    return CompletableFuture.runAsync(this::note, waiting);
  }

  @Override
  public void close() {
    raiseAll();
    note();
    synchronized (superblocks) {
      synchronized (this) {
        closed = true;
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new PagodaException(Fault.FATAL, "The tier was closed before it forgot all blocks");
    }
  }
}
