package io.pagoda.node.replay;

import io.pagoda.BlockStore;
import io.pagoda.StoreStatistics;
import io.pagoda.node.text.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Serves the requests of a source through a store, and verifies every byte that comes back.
 *
 * <p><b>Failures.</b> What the store fails to bring is counted in the report. What is thrown comes
 * from the source, is a {@link CancellationException} if this thread is interrupted, or is a
 * defect; it ends the replay once every caller has stopped.
 */
public final class Replay {
  private final BlockStore store;
  private final ReplaySettings settings;
  private final Latencies latencies;
  private final Progress progress;

  /**
   * Prepares a replay.
   *
   * @param store what to serve from
   * @param settings how
   * @param latencies what the store, too, reports its times to
   * @param progress shown while it runs
   */
  public Replay(BlockStore store, ReplaySettings settings, Latencies latencies, Progress progress) {
    this.store = store;
    this.settings = settings;
    this.latencies = latencies;
    this.progress = progress;
  }

  /** Serves every request, in order with one caller, and reports. */
  public ReplayReport run(RequestSource source) {
    List<String> tiers =
        store.statistics().tiers().stream().map(StoreStatistics.Tier::name).toList();
    Tally tally = new Tally(tiers, settings.geometry().blockBytes(), source.tokensPerBlock());
    long start = System.nanoTime();
    Feed feed = new Feed(source, settings, System::nanoTime);
    try {
      serveAll(feed, tiers, tally);
    } finally {
      progress.done();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new ReplayReport(
        settings, tally.counts(), store.statistics(), latencies.byStage(), tally.remarks(), seconds,
        PeakMemory.residentBytes(), Optional.empty());
  }

  private void serveAll(Feed feed, List<String> tiers, Tally tally) {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("caller-", 0).factory())) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < settings.callers(); i++) {
        callers.add(threads.submit(() -> serveOrStop(feed, tiers, tally)));
      }
      callers.forEach(caller -> await(caller, feed));
    }
  }

  /** The life of one caller. If it fails, the others find nothing more to do. */
  private @Nullable Void serveOrStop(Feed feed, List<String> tiers, Tally tally)
      throws InterruptedException {
    boolean served = false;
    try {
      serve(feed, tiers, tally);
      served = true;
    } finally {
      if (!served) {
        feed.stop();
      }
    }
    return null;
  }

  private void serve(Feed feed, List<String> tiers, Tally tally) throws InterruptedException {
    try (Caller caller = new Caller(store, tiers, settings.geometry(), latencies)) {
      Optional<Request> request = feed.take();
      while (request.isPresent()) {
        tally.add(caller.serve(request.get()));
        progress.at(feed.progress(), () -> detail(tally.counts()));
        request = feed.take();
      }
    }
  }

  private static RuntimeException rethrown(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException failure -> failure;
      case Error error -> throw error;
      case null, default -> new IllegalStateException("A caller stopped", e);
    };
  }

  private static String detail(Counts counts) {
    return "%,d requests, %.1f %% hits".formatted(counts.requests(), 100 * counts.hitRatio());
  }

  private static void await(Future<?> caller, Feed feed) {
    try {
      caller.get();
    } catch (ExecutionException e) {
      throw rethrown(e);
    } catch (InterruptedException _) {
      feed.stop();
      throw new CancellationException("interrupted while requests were being served");
    }
  }
}
