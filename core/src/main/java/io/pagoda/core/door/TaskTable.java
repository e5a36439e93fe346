package io.pagoda.core.door;

import io.pagoda.KvStatus;
import io.pagoda.KvStatus.State;
import io.pagoda.KvTask;
import io.pagoda.TokenMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Plans and tasks by number. What runs is remembered until it has settled; of what has settled and
 * nobody was told of, and of plans, the last ones are.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class TaskTable {
  /** How many tasks that have ended are remembered, in case somebody asks. */
  static final int KEPT = 16_384;

  /** How many plans are; the store lets go of them in time, but their keys are large. */
  static final int PLANS = 4_096;

  private final AtomicLong last = new AtomicLong();
  private final Map<Long, DoorTask> tasks = new ConcurrentHashMap<>();
  private final Queue<DoorTask> ended = new ConcurrentLinkedQueue<>();
  private final AtomicInteger endedCount = new AtomicInteger();

  /** Guarded by itself. */
  private final LinkedHashMap<Long, DoorPlan> plans = new LinkedHashMap<>();

  /** {@return a number that nobody had} */
  long next() {
    return last.incrementAndGet();
  }

  /** Remembers a plan, and closes the oldest if there are too many. */
  void planned(DoorPlan plan) {
    DoorPlan oldest = null;
    synchronized (plans) {
      plans.put(plan.id(), plan);
      if (plans.size() > PLANS) {
        oldest = plans.firstEntry().getValue();
      }
    }
    if (oldest != null) {
      oldest.close();
    }
  }

  void forget(DoorPlan plan) {
    synchronized (plans) {
      plans.remove(plan.id());
    }
  }

  private Optional<DoorPlan> plan(long id) {
    synchronized (plans) {
      return Optional.ofNullable(plans.get(id));
    }
  }

  /** Remembers a task, in place of the plan that it was. */
  void started(DoorPlan plan, DoorTask task) {
    tasks.put(task.id(), task);
    forget(plan);
    var _ = task.settled().thenRun(() -> ended(task));
  }

  private void ended(DoorTask task) {
    ended.add(task);
    if (endedCount.incrementAndGet() > KEPT) {
      takeEnded();
    }
  }

  /** Returns one that has ended, and forgets it; null if none is left. */
  private @Nullable DoorTask takeEnded() {
    DoorTask task = ended.poll();
    if (task != null) {
      endedCount.decrementAndGet();
    }
    return task != null && tasks.remove(task.id(), task) ? task : null;
  }

  Optional<KvTask> task(long id) {
    return Optional.ofNullable(tasks.get(id));
  }

  /** Closes the plans with these numbers; returns the tasks with these, as far as known. */
  List<DoorTask> cancel(long... ids) {
    for (long id : ids) {
      plan(id).ifPresent(DoorPlan::close);
    }
    return running(ids);
  }

  /** {@return the tasks with these numbers, as far as known} */
  List<DoorTask> running(long... ids) {
    return Arrays.stream(ids).mapToObj(tasks::get).filter(Objects::nonNull).toList();
  }

  /** Closes all plans; returns all tasks. */
  List<DoorTask> cancelAll() {
    List<DoorPlan> open;
    synchronized (plans) {
      open = List.copyOf(plans.values());
    }
    open.forEach(DoorPlan::close);
    return List.copyOf(tasks.values());
  }

  /** Tells how something stands; if it has ended, once. */
  KvStatus tell(long id) {
    Optional<DoorPlan> plan = plan(id);
    DoorTask task = tasks.get(id);
    if (task == null) {
      return plan.map(each -> new KvStatus(id, State.UNREADY, each.tokens(), ""))
          .orElseGet(() -> unknown(id));
    }
    KvStatus status = task.status();
    return status.state().ended() && !tasks.remove(id, task) ? unknown(id) : status;
  }

  private static KvStatus unknown(long id) {
    return new KvStatus(
        id, State.NOT_FOUND, TokenMask.none(0),
        "never begun, abandoned, or its end was told already");
  }

  /** {@return those that have ended and nobody was told of} */
  List<KvTask> poll() {
    List<KvTask> told = new ArrayList<>();
    for (int left = endedCount.get(); left > 0; left--) {
      DoorTask task = takeEnded();
      if (task != null) {
        told.add(task);
      }
    }
    return told;
  }
}
