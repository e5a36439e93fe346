package io.pagoda.core.door;

import io.pagoda.BlockStore;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.Put;
import io.pagoda.core.run.EndedJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan about to be launched.
 *
 * @param plan what
 * @param blocks a pool block for each block that a match moves, for each key of a draft
 * @param options how
 * @param layers told of its layers, if anybody is
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
record Launch(DoorPlan plan, int[] blocks, JobOptions options, @Nullable Layers layers) {
  private static final Job NOTHING_TO_DO = new EndedJob(new Outcome(End.COMPLETED, 0, ""));

  /** Takes plans, all or none. */
  static void take(List<Launch> launches) {
    for (int i = 0; i < launches.size(); i++) {
      DoorPlan plan = launches.get(i).plan;
      if (!plan.take()) {
        putBack(launches.subList(0, i));
        throw new IllegalStateException(
            "Plan %d was launched or closed before: match or draft anew".formatted(plan.id()));
      }
    }
  }

  static void putBack(List<Launch> launches) {
    launches.forEach(launch -> launch.plan.putBack());
  }

  /** Starts what was taken, matches in one batch and drafts in another; a job for each. */
  static List<Job> start(List<Launch> launches, BlockStore store, Pool pool) {
    List<Fetch> fetches = new ArrayList<>();
    List<Put> puts = new ArrayList<>();
    for (Launch launch : launches) {
      switch (launch.plan) {
        case DoorMatch match -> {
          if (launch.blocks.length > 0) {
            fetches.add(new Fetch(match.match, launch.blocks, launch.options));
          }
        }
        case DoorDraft draft -> puts.add(new Put(draft.draft, launch.blocks, launch.options));
      }
    }
    List<Job> fetched = fetches.isEmpty() ? List.of() : store.fetch(pool, fetches);
    List<Job> stored = puts.isEmpty() ? List.of() : put(store, pool, puts, fetched);
    return inOrder(launches, fetched.iterator(), stored.iterator());
  }

  /** Puts, or if fetches run already that nobody else has a handle to, tells why not by jobs. */
  private static List<Job> put(BlockStore store, Pool pool, List<Put> puts, List<Job> fetched) {
    try {
      return store.put(pool, puts);
    } catch (RuntimeException refused) {
      if (fetched.isEmpty()) {
        throw refused;
      }
      puts.forEach(put -> put.draft().close());
      Job over = new EndedJob(new Outcome(End.FAILED, 0, "the store refused the put: " + refused));
      return Collections.nCopies(puts.size(), over);
    }
  }

  private static List<Job> inOrder(
      List<Launch> launches, Iterator<Job> fetched, Iterator<Job> stored) {
    List<Job> jobs = new ArrayList<>();
    for (Launch launch : launches) {
      jobs.add(switch (launch.plan) {
        case DoorMatch match -> {
          if (launch.blocks.length > 0) {
            yield fetched.next();
          }
          match.release();
          yield NOTHING_TO_DO;
        }
        case DoorDraft _ -> stored.next();
      });
    }
    return jobs;
  }
}
