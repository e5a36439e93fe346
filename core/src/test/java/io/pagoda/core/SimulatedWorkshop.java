package io.pagoda.core;

import io.pagoda.core.run.Checksums;
import io.pagoda.core.run.Workshop;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A workshop without threads: copies wait until the simulation runs them, time until it passes. */
final class SimulatedWorkshop implements Workshop {
  private final Checksums checksums;
  private final long hopBytes;
  private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
  private long now = 1;

  /** What the engine threw first and should not have; null as long as it has not. */
  @Nullable Throwable bug;

  /** Whose code it was that threw, if it was a caller's. */
  String fault = "";

  /** Copies that were asked for and have not happened. */
  final List<Runnable> copies = new ArrayList<>();

  private record Alarm(long at, Runnable task) implements Comparable<Alarm> {
    @Override
    public int compareTo(Alarm other) {
      return Long.compare(at, other.at);
    }
  }

  SimulatedWorkshop(Checksums checksums, long hopBytes) {
    this.checksums = checksums;
    this.hopBytes = hopBytes;
  }

  void pass(long nanos) {
    now += nanos;
    while (!alarms.isEmpty() && alarms.peek().at <= now) {
      alarms.remove().task.run();
    }
  }

  @Override
  public Executor copies() {
    return copies::add;
  }

  @Override
  public long smallCopyBytes() {
    return 0; // the simulation decides when anything is copied
  }

  @Override
  public long hopBytes() {
    return hopBytes;
  }

  @Override
  public int copyThreads() {
    return 3;
  }

  @Override
  public Checksums checksums() {
    return checksums;
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void wakeAt(long nanoTime, Runnable task) {
    alarms.add(new Alarm(nanoTime, task));
  }

  @Override
  public void bug(Throwable thrown) {
    bug = bug == null ? thrown : bug;
  }

  @Override
  public void callersFault(String whose, Throwable thrown) {
    fault = whose;
    bug(thrown);
  }

  @Override
  public boolean await(CompletableFuture<?> awaited) {
    return awaited.isDone();
  }

  @Override
  public void close() {}
}
