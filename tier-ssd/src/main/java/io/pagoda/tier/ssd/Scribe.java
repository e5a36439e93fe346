package io.pagoda.tier.ssd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/**
 * A thread that waits for a device: it writes the records of stores that have ended, and tells
 * the callers. What comes while it waits is the next group.
 *
 * <p><b>Threads.</b> As {@link Recorder}; none but {@link #close} waits.
 */
final class Scribe implements Recorder {
  /** What is asked of it. */
  private sealed interface Wish {
    record Kept(List<Transfer> stores) implements Wish {}

    record Forgotten(int slot) implements Wish {}

    record Raised(CompletableFuture<Void> done) implements Wish {}

    record Fenced(CompletableFuture<Void> done) implements Wish {}

    record Ended() implements Wish {}
  }

  private final RecordLog log;
  private final Teller teller;
  private final Group group;
  private final Thread thread;
  private List<Wish> wishes = new ArrayList<>();

  /** Starts the thread. The log is its own from now on. */
  Scribe(RecordLog log, Layout layout, Teller teller, ThreadFactory threads) {
    this.log = log;
    this.teller = teller;
    this.group = new Group(layout);
    this.thread = threads.newThread(this::run);
    thread.start();
  }

  @Override
  public boolean gathers() {
    return true;
  }

  @Override
  public void add(List<Transfer> stores) {
    wish(new Wish.Kept(stores));
  }

  @Override
  public void forget(int slot) {
    wish(new Wish.Forgotten(slot));
  }

  @Override
  public CompletableFuture<Void> raise() {
    var done = new CompletableFuture<Void>();
    wish(new Wish.Raised(done));
    return done;
  }

  @Override
  public CompletableFuture<Void> fence() {
    var done = new CompletableFuture<Void>();
    wish(new Wish.Fenced(done));
    return done;
  }

  /** Ends the thread, too. */
  @Override
  public void close() {
    wish(new Wish.Ended());
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void wish(Wish wish) {
    wishes.add(wish);
    notifyAll();
  }

  private synchronized List<Wish> awaited() {
    while (wishes.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException _) {
        // Nobody is meant to interrupt this thread, and leaving would lose acknowledgements.
      }
    }
    List<Wish> taken = wishes;
    wishes = new ArrayList<>();
    return taken;
  }

  private void run() {
    boolean ended = false;
    while (!ended) {
      for (Wish wish : awaited()) {
        switch (wish) {
          case Wish.Kept kept -> kept.stores().forEach(group::add);
          case Wish.Forgotten forgotten -> group.giveUp(forgotten.slot());
          case Wish.Raised raised -> afterAll(log::raiseEpoch, raised.done());
          case Wish.Fenced fenced -> afterAll(log::settle, fenced.done());
          case Wish.Ended _ -> ended = true;
        }
      }
      commit();
    }
  }

  private void afterAll(Runnable deed, CompletableFuture<Void> done) {
    commit();
    try {
      deed.run();
      done.complete(null);
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  private void commit() {
    if (group.size() > 0) {
      try {
        log.commit(group);
      } catch (RuntimeException e) {
        group.missAll(e);
      }
      group.transfers().forEach(teller::tell);
      group.clear();
      if (log.isUncounted()) {
        log.retire();
      }
    }
  }
}
