package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Writes records into memory that is the kernel's, in whatever thread comes: that takes less than
 * to wake another. Only what waits for the device has a thread of its own.
 *
 * <p><b>Threads.</b> As {@link Recorder}; none waits for the device.
 */
final class Jotter implements Recorder {
  private final RecordLog log;
  private final Teller teller;
  private final Group group;
  private final Executor waiting;
  private final Object superblocks = new Object();
  private boolean counting;
  private boolean closed;

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
    synchronized (this) {
      stores.forEach(group::add);
      commit();
    }
    stores.forEach(teller::tell);
  }

  @Override
  public synchronized void forget(int slot) {
    group.giveUp(slot);
    commit();
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
    return CompletableFuture.runAsync(this::raiseNow, waiting);
  }

  private void raiseNow() {
    synchronized (superblocks) {
      checkOpen();
      BitSet before;
      synchronized (this) {
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
  }

  @Override
  public CompletableFuture<Void> fence() {
    return CompletableFuture.completedFuture(null);
  }

  /** Waits for whoever waits for the device. */
  @Override
  public void close() {
    synchronized (superblocks) {
      closed = true;
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new PagodaException(Fault.FATAL, "The tier was closed before it forgot all blocks");
    }
  }
}
