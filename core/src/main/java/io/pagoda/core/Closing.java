package io.pagoda.core;

import io.pagoda.ByteSize;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.run.Workshop;
import io.pagoda.core.space.Space;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/*
 * A tier completes what is in flight before it is closed, and one that hangs never does. It is left
 * to itself then, on a thread of its own; and since it may still read or write the hub, the hub's
 * memory is left where it is, for as long as the process lives.
 */
/**
 * Closes the tiers of a store, the coldest first, and waits for none of them for ever.
 *
 * @param graph the tiers
 * @param patience how long each may take
 * @param alarm told what somebody has to look at
 */
record Closing(TierGraph graph, Duration patience, Consumer<String> alarm) {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  /** Waits for the tiers to end what they are doing, but not longer than any job may take. */
  void awaitIdle(Conductor conductor, Tasks tasks, Workshop workshop) {
    CompletableFuture<Boolean> idle = new CompletableFuture<>();
    conductor.execute(() -> tasks.whenIdle(() -> idle.complete(true)));
    if (!workshop.await(idle)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Closing while {0} transfers have not ended within their timeout: a device hangs",
          tasks.running());
    }
  }

  /**
   * Closes all; throws what the first threw that could not be closed.
   *
   * @param unanswered what a tier was asked for and has not answered
   */
  void run(IntFunction<List<String>> unanswered) {
    List<RuntimeException> failures = new ArrayList<>();
    List<String> hanging = new ArrayList<>();
    for (int tier = graph.tiers().size() - 1; tier > Space.HUB; tier--) {
      if (!ends(tier, unanswered, failures)) {
        hanging.add("'" + graph.tiers().get(tier).name() + "'");
      }
    }
    if (hanging.isEmpty()) {
      attempt(graph.hub(), failures);
    } else {
      alarm.accept(
          ("The memory of tier '%s', %s, is kept until the process ends: %s may still read or "
              + "write it")
              .formatted(graph.hub().name(), bytes(graph.hub()), String.join(" and ", hanging)));
    }
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  private boolean ends(
      int number, IntFunction<List<String>> unanswered, List<RuntimeException> failures) {
    TierNode node = graph.tiers().get(number);
    var closed = new CompletableFuture<@Nullable RuntimeException>();
    Thread.ofPlatform().daemon().name("pagoda-close-" + node.name()).start(() -> {
      List<RuntimeException> thrown = new ArrayList<>();
      try {
        attempt(node, thrown);
        closed.complete(thrown.isEmpty() ? null : thrown.getFirst());
      } catch (Error e) {
        closed.completeExceptionally(e);
      }
    });
    try {
      RuntimeException thrown = awaited(closed);
      if (thrown != null) {
        failures.add(thrown);
      }
      return true;
    } catch (TimeoutException _) {
      List<String> asked = unanswered.apply(number);
      alarm.accept(
          "Tier '%s' could not be closed within %s: its device hangs. Abandoned: %s".formatted(
              node.name(), patience, asked.isEmpty() ? "what it does by itself" : asked));
      return false;
    }
  }

  /** An interrupt is kept for later: to leave earlier would say that memory is free. */
  private @Nullable RuntimeException awaited(CompletableFuture<@Nullable RuntimeException> closed)
      throws TimeoutException {
    boolean interrupted = false;
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (true) {
        try {
          return closed.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void attempt(TierNode node, List<RuntimeException> failures) {
    try {
      node.tier().close();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private static String bytes(TierNode node) {
    return new ByteSize(node.tier().spec().slots() * node.tier().spec().blockBytes()).toString();
  }
}
