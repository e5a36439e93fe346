package io.pagoda.core.run;

import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.observe.Meter;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.run.Arrivals.Waiter;
import io.pagoda.core.space.Space;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/*
 * A task's way:
 *
 *   begun      what it needs is taken; as much of it as the hub has room for becomes a piece
 *   running    the scheduler moves the piece's blocks
 *   over       nothing is left that the caller waits for: the task ends, or, if blocks are left
 *              that there was no room for, goes on with the next piece once this one has let go
 *   hungry     there is no room for even one block: it waits for other plans to let go, and ends
 *              with what it has when none runs; unless its own last blocks fill the hub: then they
 *              become a piece ahead of the others
 *
 * A task that is ended from outside lets its blocks go as their hops come up.
 */
/**
 * What callers asked for, from the moment it is begun until nothing of it is left.
 *
 * <p><b>Threads.</b> {@link #end} may be called from any thread; all else by tasks of the conductor
 * only.
 */
public final class Tasks {
  private static final int[] NOTHING = {};

  private final Conductor conductor;
  private final Ledger ledger;
  private final Requests requests;
  private final Plans plans;
  private final Plans devicePlans;
  private final TierGraph graph;
  private final Scheduler scheduler;
  private final ExpiryQueue<Task> deadlines;
  private final Duration timeout;
  private final TimeSource time;
  private final Set<PlanRun> running = new LinkedHashSet<>();
  private final Queue<Task> hungry = new ArrayDeque<>();
  private final List<Runnable> whenIdle = new ArrayList<>();
  private final Endings endings;
  private final Evictions evictions;

  /**
   * Creates the books of a store that has nothing to do.
   *
   * @param conductor whose tasks call
   * @param ledger what is where
   * @param requests who takes what is needed
   * @param plans who plans
   * @param graph the tiers
   * @param workshop who copies and verifies, and when
   * @param health how tiers are
   * @param timeout how long a job may take that does not say so itself
   */
  public Tasks(
      Conductor conductor, Ledger ledger, Requests requests, Plans plans, TierGraph graph,
      Workshop workshop, Health health, Duration timeout) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.requests = requests;
    this.plans = plans;
    this.devicePlans = plans.withHops(
        workshop.deviceHopBytes() / graph.blockBytes(),
        workshop.loneDeviceHopBytes() / graph.blockBytes());
    this.graph = graph;
    this.timeout = timeout;
    this.time = workshop;
    this.evictions = new Evictions(ledger.space, graph.tiers());
    this.endings = new Endings(conductor, ledger, graph, workshop);
    this.scheduler =
        new Scheduler(conductor, ledger, graph, workshop, health, endings, new Watcher());
    this.deadlines = new ExpiryQueue<>(conductor, workshop, this::expire);
  }

  /**
   * Returns a new task, to be begun.
   *
   * @param priority what for
   * @param pool the caller's memory, if it takes part
   * @param poolBlocks the pool block of each block
   * @param wanted how many blocks there are
   * @param options how
   */
  public Task task(
      Priority priority, @Nullable PoolMemory pool, int[] poolBlocks, int wanted,
      JobOptions options) {
    return new Task(this, priority, pool, poolBlocks, wanted, options, time.nanoTime());
  }

  /**
   * Begins fetches, on one pool and as one plan.
   *
   * @param tasks whose
   * @param entries for each a prefix at least as long as it wants, pinned; the pins are taken over
   */
  public void fetch(List<Task> tasks, List<int[]> entries) {
    List<Taken> taken = new ArrayList<>();
    Set<Integer> shared = requests.shared(entries);
    for (int i = 0; i < tasks.size(); i++) {
      taken.add(requests.fetch(entries.get(i), tasks.get(i).wanted, shared));
    }
    begin(tasks, taken);
  }

  /** Begins to bring blocks up into the hub; the pins are taken over. */
  public void prefetch(Task task, int[] entries) {
    begin(List.of(task), List.of(requests.prefetch(entries)));
  }

  /**
   * Begins a put that may read every one of its blocks.
   *
   * @param task whose
   * @param taken what was taken for it
   */
  public void put(Task task, Taken taken) {
    task.readsAll = true;
    put(List.of(task), List.of(taken));
  }

  /**
   * Begins puts, on one pool and as one plan.
   *
   * @param tasks whose
   * @param taken what was taken for each
   */
  public void put(List<Task> tasks, List<Taken> taken) {
    start(tasks, taken, plans(tasks).put(taken));
    scheduler.pump();
  }

  /** Gives back what was taken for a put that does not take place. */
  public void abandon(Taken taken) {
    var task = task(Priority.PUT, null, NOTHING, taken.size(), JobOptions.DEFAULT);
    PlanRun run = run(List.of(task), List.of(taken), plans.put(List.of(taken)));
    run.lost.set(0, taken.size());
    run.broken.set(0, taken.size());
    task.endWith(new Outcome(End.CANCELLED, 0, "abandoned"));
    scheduler.start(run);
    retire(run);
    scheduler.pump();
  }

  /** Starts what there is room for of fetches or a prefetch; the others have to wait. */
  private void begin(List<Task> tasks, List<Taken> taken) {
    List<Task> starting = new ArrayList<>();
    List<Taken> theirs = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      task.left = taken.get(i).left();
      task.blame(taken.get(i).shortage());
      if (taken.get(i).size() == 0 && task.left.length > 0) {
        enterDeadlines(task);
        hungry.add(task);
      } else {
        starting.add(task);
        theirs.add(taken.get(i));
      }
    }
    if (!starting.isEmpty()) {
      start(starting, theirs, planned(starting, theirs));
    }
    feed();
    scheduler.pump();
  }

  private Planned planned(List<Task> tasks, List<Taken> taken) {
    return switch (tasks.getFirst().priority) {
      case PREFETCH, BACKGROUND -> plans(tasks).load(taken.getFirst());
      case PUT -> plans(tasks).put(taken);
      case FETCH ->
        plans(tasks).fetch(taken, tasks.stream().anyMatch(task -> task.options.layered()));
    };
  }

  /** A device is told of every batch, and copies a large one in no time: it gets larger ones. */
  private Plans plans(List<Task> tasks) {
    PoolMemory pool = tasks.getFirst().pool;
    return pool != null && pool.onDevices() ? devicePlans : plans;
  }

  private void start(List<Task> tasks, List<Taken> taken, Planned planned) {
    start(run(tasks, taken, planned));
  }

  private void start(PlanRun run) {
    scheduler.start(run);
    for (Piece piece : run.pieces) {
      enterDeadlines(piece.task);
      conclude(piece);
    }
    retire(run);
  }

  private PlanRun run(List<Task> tasks, List<Taken> taken, Planned planned) {
    var run = new PlanRun(
        planned, tasks, tasks.getFirst().priority, graph.sections().count(), scheduler.rests());
    running.add(run);
    for (int i = 0; i < run.pieces.size(); i++) {
      await(run.pieces.get(i), taken.get(i).arriving());
      tasks.get(i).blame(taken.get(i).shortage());
      endings.countSources(tasks.get(i), taken.get(i));
    }
    evictions.tell();
    return run;
  }

  private void enterDeadlines(Task task) {
    if (task.deadline == null) {
      Duration life = task.options.timeout().isZero() ? timeout : task.options.timeout();
      task.deadline = deadlines.enter(task, life);
    }
  }

  /** Makes a piece wait for what others bring: a fetch to copy it on, a put to count it. */
  private void await(Piece piece, int[] arriving) {
    for (int offset : arriving) {
      int position = piece.from + offset;
      int entry = piece.run.pinned[position];
      boolean coming = ledger.index.slot(entry, Space.HUB) != BlockIndex.NONE
          && !ledger.index.ready(entry, Space.HUB);
      if (!coming) {
        continue; // it has come, or has not, since the put was drafted
      }
      boolean fetch = piece.task.priority == Priority.FETCH;
      int hop = fetch ? piece.run.scatterOf(position) : Waiter.NO_HOP;
      ledger.arrivals.await(new Waiter(piece, hop, position, entry));
      if (hop == Waiter.NO_HOP) {
        piece.arrivalsLeft++;
      } else {
        piece.run.awaited[hop]++;
      }
    }
  }

  /** Ends a job from outside, if it has not ended. */
  void end(Task task, End how, String why) {
    conductor.execute(() -> {
      cut(task, how, why);
      scheduler.pump();
    });
  }

  /** Ends every job on a pool, or every job. */
  public void endAll(@Nullable PoolMemory pool, String why) {
    for (Task task : unended(pool)) {
      cut(task, End.CANCELLED, why);
    }
    scheduler.pump();
  }

  private List<Task> unended(@Nullable PoolMemory pool) {
    List<Task> found = new ArrayList<>(hungry);
    running.forEach(run -> run.pieces.forEach(piece -> found.add(piece.task)));
    found.removeIf(task -> task.ended() || (pool != null && task.pool != pool));
    return found;
  }

  /** {@return the jobs on a pool whose memory may still be touched} */
  public List<Job> unsettled(PoolMemory pool) {
    List<Job> jobs = new ArrayList<>();
    for (PlanRun run : running) {
      run.pieces.stream()
          .map(piece -> piece.task)
          .filter(task -> task.pool == pool && !task.quiet())
          .forEach(jobs::add);
    }
    return jobs;
  }

  /** {@return how many jobs are touching a pool's memory} */
  public int touching(PoolMemory pool) {
    return (int) running.stream()
        .flatMap(run -> run.pieces.stream())
        .filter(piece -> piece.task.pool == pool && piece.moving > 0)
        .count();
  }

  /** {@return how many plans run, and tasks wait for room} */
  public int running() {
    return running.size() + hungry.size();
  }

  /** {@return who counts} */
  public Meter meter() {
    return endings.meter();
  }

  /** {@return the ways between the hub and all other places} */
  public Lanes lanes() {
    return scheduler.lanes();
  }

  /** {@return whether nothing runs, and nobody waits; for tests} */
  public boolean idle() {
    return running.isEmpty() && hungry.isEmpty() && ledger.arrivals.isEmpty();
  }

  /** Calls back when no plan runs, once. */
  public void whenIdle(Runnable idle) {
    if (running.isEmpty()) {
      conductor.announce(idle);
    } else {
      whenIdle.add(idle);
    }
  }

  /** Learns that somebody has taken pins back: there may be room for those who wait for it. */
  public void roomMade() {
    if (!hungry.isEmpty()) {
      feed();
      scheduler.pump();
    }
  }

  private void expire(Task task) {
    cut(task, End.EXPIRED, "not done within the job timeout");
    scheduler.pump();
  }

  private void cut(Task task, End how, String why) {
    if (task.ended()) {
      return;
    }
    Piece piece = task.piece;
    if (piece != null) {
      endings.countPresent(piece);
    }
    hungry.remove(task);
    endings.finish(task, new Outcome(how, task.arrived(), why));
    if (piece == null) {
      endings.settle(task);
      endings.over(task);
    } else {
      conclude(piece);
      retire(piece.run);
    }
  }

  private void conclude(Piece piece) {
    Task task = piece.task;
    if (!task.ended() && piece.over()) {
      endings.countPresent(piece);
      if (!goesOn(piece)) {
        endings.finish(task, Outcome.of(task.arrived(), task.wanted, task.reason()));
      }
    }
    endings.settle(task);
  }

  /** {@return whether the task of a piece that is over has more to bring, or something again} */
  private static boolean goesOn(Piece piece) {
    if (piece.ahead) {
      return true;
    }
    return piece.arrived() == piece.size()
        ? piece.task.lacks()
        : piece.deserted(piece.arrived())
            && (piece.task.priority != Priority.PUT || piece.task.readsAll);
  }

  private void retire(PlanRun run) {
    if (run.hopsLeft > 0 || !run.unattended() || !running.remove(run)) {
      return;
    }
    run.pieces.stream().filter(piece -> !piece.task.ended()).forEach(ledger::touch);
    for (Piece piece : run.pieces) {
      Task task = piece.task;
      Endings.countCopies(piece);
      if (task.ended()) {
        endings.over(task);
      } else {
        advance(task, piece);
        hungry.add(task);
      }
    }
    ledger.unpin(run.pinned, 0, run.pinned.length);
    if (run.pieces.size() > 1 && run.priority == Priority.FETCH) {
      ledger.dropShared(run.plan);
    }
    feed();
    if (running.isEmpty()) {
      whenIdle.forEach(conductor::announce);
      whenIdle.clear();
    }
  }

  /** Counts what a piece has brought of a task that goes on. */
  private void advance(Task task, Piece piece) {
    task.piece = null;
    if (!piece.ahead) {
      int arrived = piece.arrived();
      task.done += arrived;
      task.replaceNext(0, again(piece, piece.from + arrived));
      task.passThere();
    } else if (piece.arrived() < piece.size()) {
      ledger.unpin(task.giveUp(piece.at - task.done + piece.arrived()));
    }
  }

  /** Pins again what a piece has not brought, from a position on, and what it has out of order. */
  private int[] again(Piece piece, int from) {
    int[] entries = Arrays.copyOfRange(piece.run.pinned, from, piece.to);
    for (int i = 0; i < entries.length; i++) {
      if (piece.task.priority == Priority.FETCH && piece.run.arrived.get(from + i)) {
        entries[i] = Task.THERE;
      } else {
        ledger.index.pin(entries[i]);
      }
    }
    return entries;
  }

  /** Goes on with those who wait for room, as far as there is any; gives up when none will come. */
  private void feed() {
    feedSome();
    while (running.isEmpty() && !hungry.isEmpty()) {
      Task task = hungry.remove();
      if (letGo(task)) {
        hungry.add(task);
      } else if (!bringAhead(task)) {
        endings.finish(task, Outcome.of(task.done, task.wanted, task.reason()));
        endings.settle(task);
        endings.over(task);
      }
      feedSome();
    }
  }

  /** Takes a prefetch's own end out of its way: half of what it keeps, and what follows. */
  private boolean letGo(Task task) {
    if (task.priority == Priority.FETCH) {
      return false;
    }
    int[] left = task.left;
    int[] inHub = IntStream.range(0, left.length)
        .filter(i -> ledger.index.slot(left[i], Space.HUB) != BlockIndex.NONE)
        .toArray();
    if (inHub.length == 0 || inHub[inHub.length / 2] == 0) {
      return false;
    }
    int from = inHub[inHub.length / 2];
    task.blameForGood(
        "the last %d blocks filled host memory, and left no room for those before"
            .formatted(left.length - from));
    ledger.unpin(task.giveUp(from));
    return true;
  }

  /** Brings the last blocks of a fetch that are in the hub: it waits for slots, and they for it. */
  private boolean bringAhead(Task task) {
    int to = task.priority == Priority.FETCH ? task.left.length : 0;
    while (to > 0 && !inHub(task.left[to - 1])) {
      to--;
    }
    int from = to;
    while (from > 0 && inHub(task.left[from - 1])) {
      from--;
    }
    if (from == to) {
      return false;
    }
    Taken taken = requests.fetch(Arrays.copyOfRange(task.left, from, to), to - from);
    Arrays.fill(task.left, from, to, Task.THERE);
    PlanRun run = run(List.of(task), List.of(taken), planned(List.of(task), List.of(taken)));
    Piece piece = run.pieces.getFirst();
    piece.ahead = true;
    piece.at = task.done + from;
    start(run);
    return true;
  }

  private boolean inHub(int entry) {
    return entry != Task.THERE && ledger.index.ready(entry, Space.HUB);
  }

  private void feedSome() {
    List<Task> starved = new ArrayList<>();
    for (Task task = hungry.poll(); task != null; task = hungry.poll()) {
      Taken taken = takeNext(task);
      if (taken.size() == 0 && task.left.length > 0) {
        starved.add(task);
        continue;
      }
      task.forgive();
      start(List.of(task), List.of(taken), planned(List.of(task), List.of(taken)));
    }
    hungry.addAll(starved);
  }

  private Taken takeNext(Task task) {
    int[] next = task.next();
    Taken taken = switch (task.priority) {
      case FETCH -> requests.fetch(next, next.length);
      case PREFETCH, BACKGROUND -> requests.prefetch(next);
      case PUT -> requests.putAgain(next);
    };
    int kept = taken.size() + taken.left().length;
    task.replaceNext(next.length, taken.left());
    if (kept < next.length) {
      ledger.unpin(task.giveUp(taken.left().length));
      task.blameForGood(taken.shortage());
    }
    return taken;
  }

  /** Tells the flight recorder what had to leave. */
  public void tellEvictions() {
    evictions.tell();
  }

  /** Sees plans through. */
  private final class Watcher implements PlanWatcher {
    @Override
    public boolean pointless(PlanRun run, Hop hop, int index) {
      int position = hop.positions()[index];
      BitSet gone = hop.kind().touchesPool() ? run.lost : run.broken;
      if (gone.get(position)) {
        return true;
      }
      boolean forgotten = run.lost.get(position) || run.pieceAt(position).task.ended();
      return switch (hop.kind()) {
        case LOAD -> forgotten && !ledger.arrivals.awaited(hop.entries()[index]);
        case GATHER, SCATTER -> forgotten;
        case STORE, SPILL -> false;
      };
    }

    @Override
    public void failed(HopRun hop, String cause) {
      switch (hop.hop.kind()) {
        case SPILL -> {}
        case STORE -> hop.run.copyFailure = cause;
        case LOAD, GATHER, SCATTER -> {
          for (int i = 0; i < hop.moving.length; i++) {
            if (!hop.arrived(i)) {
              hop.run.pieceAt(hop.hop.positions()[hop.moving[i]]).task.blame(cause);
            }
          }
        }
      }
    }

    @Override
    public void passed(PlanRun run, Hop hop) {
      for (Piece piece : run.piecesOf(hop)) {
        endings.tellLayers(piece);
        conclude(piece);
      }
      retire(run);
    }

    @Override
    public void tellWaiters() {
      for (Waiter due = ledger.arrivals.next(); due != null; due = ledger.arrivals.next()) {
        Piece piece = due.piece();
        boolean came = ledger.index.ready(due.entry(), Space.HUB);
        if (!came) {
          piece.desert(due.position());
          piece.task.blame("another job was bringing some of the blocks, and failed");
        }
        if (due.hop() == Waiter.NO_HOP) {
          piece.arrivalsLeft--;
          conclude(piece);
          retire(piece.run);
        } else {
          piece.run.lost.set(due.position(), !came);
          scheduler.came(piece.run, due.hop());
        }
      }
    }
  }
}
