package io.pagoda.core;

import io.pagoda.core.run.Checksums;
import io.pagoda.core.run.Workshop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The workshop with real threads and the real time. */
final class Threads implements Workshop {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  /** What a thread copies in the time that it takes to wake another: some ten microseconds. */
  private static final long SMALL_COPY_BYTES = 64 << 10;

  /** Long enough to keep a disk busy, short enough to overlap. */
  private static final long HOP_BYTES = 8 << 20;

  private final int copyThreads;
  private final Duration patience;
  private final ExecutorService copies;
  private final ScheduledThreadPoolExecutor alarm;
  private final Checksums checksums = new Checksums();

  Threads(EngineSettings settings) {
    this.copyThreads = settings.copyThreads();
    this.patience = settings.jobTimeout();
    this.copies = copies(copyThreads);
    this.alarm = new ScheduledThreadPoolExecutor(
        1, named("pagoda-alarm-"), new ThreadPoolExecutor.DiscardPolicy());
    alarm.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** What a device that hung brings after all, when the engine is closed, is nobody's any more. */
  private static ExecutorService copies(int threads) {
    return new ThreadPoolExecutor(
        threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("pagoda-copy-"),
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private static ThreadFactory named(String prefix) {
    return Thread.ofPlatform()
        .daemon()
        .inheritInheritableThreadLocals(false) // nor the class loader of a plugin that came first
        .name(prefix, 0)
        .factory();
  }

  @Override
  public Executor copies() {
    return copies;
  }

  @Override
  public long smallCopyBytes() {
    return SMALL_COPY_BYTES;
  }

  @Override
  public long hopBytes() {
    return HOP_BYTES;
  }

  @Override
  public int copyThreads() {
    return copyThreads;
  }

  @Override
  public Checksums checksums() {
    return checksums;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nobody calls an alarm off
  public void wakeAt(long nanoTime, Runnable task) {
    alarm.schedule(task, nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void bug(Throwable bug) {
    LOG.log(System.Logger.Level.ERROR, "The engine met what it holds to be impossible", bug);
  }

  @Override
  public void callersFault(String whose, Throwable thrown) {
    LOG.log(
        System.Logger.Level.WARNING,
        "%s threw %s, which it must not; its job goes on".formatted(whose, thrown), thrown);
  }

  @Override
  public boolean await(CompletableFuture<?> awaited) {
    return awaited.handle((_, _) -> true)
        .completeOnTimeout(false, patience.toNanos(), TimeUnit.NANOSECONDS)
        .join();
  }

  @Override
  public void close() {
    alarm.shutdownNow();
    copies.shutdown();
  }
}
