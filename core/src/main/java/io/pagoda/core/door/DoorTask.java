package io.pagoda.core.door;

import io.pagoda.Job;
import io.pagoda.KvOutcome;
import io.pagoda.KvStatus;
import io.pagoda.KvStatus.State;
import io.pagoda.KvTask;
import io.pagoda.Outcome;
import io.pagoda.TokenMask;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A job of a store, in tokens. Once it has settled it keeps nothing but its outcome. */
final class DoorTask implements KvTask {
  private final long id;
  private final Kind kind;
  private final TokenMask planned;
  private final int modelLayers;
  private final @Nullable Layers layers;
  private final CompletableFuture<KvOutcome> outcome;
  private final CompletableFuture<KvOutcome> settled;
  private final CompletableFuture<KvOutcome> finished;
  private volatile @Nullable Job job;

  /**
   * Wraps a job.
   *
   * @param plan what it was
   * @param kind what it does
   * @param job who does it
   * @param layers told of its layers, if anybody is
   */
  DoorTask(DoorPlan plan, Kind kind, Job job, @Nullable Layers layers) {
    this.id = plan.id();
    this.kind = kind;
    this.planned = plan.tokens();
    this.modelLayers = plan.door.model().layers();
    this.layers = layers;
    this.job = job;
    var counted = new Counted(plan);
    this.outcome = told(job.outcome(), plan::moved).thenApply(counted::once);
    this.settled = told(job.settled(), plan::moved).thenApply(counted::once);
    // the job's stages are completed by several threads: who sees the last sees the others
    this.finished = told(job.finished(), plan::moved).thenCombine(settled, (end, _) -> end);
    if (layers != null) {
      var _ = outcome.thenAccept(end -> layers.over(end.tokens().count()));
    }
    var _ = settled.thenRun(() -> this.job = null);
  }

  /** Has an end counted once, before anybody else learns of it. */
  private static final class Counted {
    private final DoorPlan plan;
    private boolean done;

    Counted(DoorPlan plan) {
      this.plan = plan;
    }

    synchronized KvOutcome once(KvOutcome end) {
      if (!done) {
        done = true;
        plan.count(end.tokens().count());
      }
      return end;
    }
  }

  private static CompletableFuture<KvOutcome> told(
      CompletionStage<Outcome> stage, IntFunction<TokenMask> moved) {
    return stage.thenApply(how -> new KvOutcome(how.end(), moved.apply(how.blocks()), how.reason()))
        .toCompletableFuture();
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public TokenMask tokens() {
    return planned;
  }

  @Override
  public KvStatus status() {
    if (settled.isDone()) {
      KvOutcome end = settled.join();
      return new KvStatus(id, State.of(end.end()), end.tokens(), end.reason());
    }
    boolean stopping = outcome.isDone();
    return new KvStatus(
        id, stopping ? State.STOPPING : State.RUNNING, planned,
        stopping ? outcome.join().reason() : "");
  }

  @Override
  public CompletionStage<KvOutcome> outcome() {
    return outcome.minimalCompletionStage();
  }

  @Override
  public CompletionStage<KvOutcome> settled() {
    return settled.minimalCompletionStage();
  }

  @Override
  public CompletionStage<KvOutcome> finished() {
    return finished.minimalCompletionStage();
  }

  @Override
  public CompletionStage<KvOutcome> cancel() {
    Job running = job;
    if (running != null) {
      running.cancel();
    }
    return settled();
  }

  @Override
  public CompletionStage<Integer> layer(int layer) {
    Objects.checkIndex(layer, modelLayers);
    return layers == null
        ? outcome.thenApply(end -> end.tokens().count()).minimalCompletionStage()
        : layers.stage(layer);
  }

  @Override
  public KvStatus await(Duration timeout) throws InterruptedException {
    try {
      settled.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return status();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A job's stage failed, which none does", e);
    }
    return status();
  }

  @Override
  public String toString() {
    return "%s %s".formatted(kind, status());
  }
}
