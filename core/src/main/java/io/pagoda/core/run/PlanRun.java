package io.pagoda.core.run;

import io.pagoda.Job;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.pool.PoolMemory;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A plan on its way, and the job that its caller holds. The job ends when the caller's part of the
 * plan has: what the plan still writes to colder tiers goes on without it.
 *
 * <p><b>Threads.</b> The job's methods may be called from any thread; all else belongs to the
 * conductor.
 */
final class PlanRun implements Job {
  final TransferPlan plan;
  final Priority priority;
  final PoolMemory pool;

  /** The entries of the request, in order, and then those of the spills; all pinned. */
  final int[] pinned;

  /** How many of the pinned entries are the request's: those that the plan could find room for. */
  final int planned;

  /** How many blocks the caller asked for. */
  private final int wanted;

  /** Positions of blocks that are where they were asked to be. */
  final BitSet arrived = new BitSet();

  /** Positions of blocks that will not get there. */
  final BitSet lost = new BitSet();

  /** How many earlier hops each hop still waits for. */
  final int[] awaited;

  /** For each hop those that wait for it. */
  final int[][] followers;

  /** Whose place in the queue of deadlines it is. */
  ExpiryQueue.@Nullable Ticket<PlanRun> deadline;

  int hopsLeft;

  /** How many blocks that others bring are still to come. */
  int arrivalsLeft;

  int poolHopsLeft;
  int poolHopsMoving;

  private final Scheduler scheduler;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final CompletableFuture<Outcome> settled = new CompletableFuture<>();
  private @Nullable Outcome end;
  private boolean told;
  private String reason;

  PlanRun(
      Scheduler scheduler, TransferPlan plan, Priority priority, PoolMemory pool, Request request) {
    this.scheduler = scheduler;
    this.plan = plan;
    this.priority = priority;
    this.pool = pool;
    this.pinned = request.pinned();
    this.planned = request.planned();
    this.wanted = request.wanted();
    this.reason = request.shortage();
    this.hopsLeft = plan.hops().size();
    this.awaited = new int[hopsLeft];
    int[] counts = new int[hopsLeft];
    for (int i = 0; i < awaited.length; i++) {
      Hop hop = plan.hops().get(i);
      awaited[i] = hop.after().length;
      poolHopsLeft += hop.kind().touchesPool() ? 1 : 0;
      for (int before : hop.after()) {
        counts[before]++;
      }
    }
    this.followers = followers(plan, counts);
  }

  private static int[][] followers(TransferPlan plan, int[] counts) {
    int[][] followers = new int[counts.length][];
    for (int i = 0; i < counts.length; i++) {
      followers[i] = new int[counts[i]];
    }
    for (int i = 0; i < counts.length; i++) {
      for (int before : plan.hops().get(i).after()) {
        followers[before][--counts[before]] = i;
      }
    }
    return followers;
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Outcome> settled() {
    return settled.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Outcome> finished() {
    return settled();
  }

  @Override
  public CompletionStage<Outcome> cancel() {
    scheduler.end(this, End.CANCELLED, "cancelled by the caller");
    return settled();
  }

  /** Remembers why a block is missing, if it is the first. */
  void blame(String cause) {
    if (reason.isEmpty()) {
      reason = cause;
    }
  }

  boolean ended() {
    return end != null;
  }

  /** {@return the outcome of a run whose caller's part has come to its end} */
  Outcome count() {
    return Outcome.of(arrived.nextClearBit(0), wanted, reason);
  }

  /** {@return the outcome of a run that is ended from outside} */
  Outcome cut(End how, String why) {
    return new Outcome(how, arrived.nextClearBit(0), why);
  }

  /** Fixes the outcome; returns what tells the caller. */
  Runnable endWith(Outcome finalOutcome) {
    end = finalOutcome;
    return () -> outcome.complete(finalOutcome);
  }

  /** {@return whether nothing touches the caller's memory, and never will again} */
  boolean quiet() {
    return end != null && poolHopsMoving == 0;
  }

  /** {@return what tells the caller that the run is quiet, or null if it is not, or was told} */
  @Nullable
  Runnable settle() {
    Outcome known = end;
    if (known == null || told || !quiet()) {
      return null;
    }
    told = true;
    return () -> {
      outcome.complete(known); // another thread may be about to, and is not before this one
      settled.complete(known);
    };
  }
}
