package io.pagoda.core.door;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Ending.Cause;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvCache;
import io.pagoda.KvLaunch;
import io.pagoda.KvMiss;
import io.pagoda.KvMiss.Elsewhere;
import io.pagoda.KvPlan;
import io.pagoda.KvRequest;
import io.pagoda.KvStatistics;
import io.pagoda.KvStatus;
import io.pagoda.KvTask;
import io.pagoda.KvTask.Kind;
import io.pagoda.Match;
import io.pagoda.ModelSpec;
import io.pagoda.Pool;
import io.pagoda.SlotMapping;
import io.pagoda.StoreStatistics;
import io.pagoda.core.door.Namespaces.Known;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A model's cache over a store. */
final class TokenDoor implements KvCache {
  private static final System.Logger LOG = System.getLogger(TokenDoor.class.getName());

  /** How long closing waits for devices that hang. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Doors doors;
  private final BlockStore store;
  private final ModelSpec model;
  private final BlockHasher hasher;
  private final Namespaces namespaces;

  /** Plans and tasks by number. */
  final TaskTable tasks = new TaskTable();

  private volatile boolean closed;

  TokenDoor(Doors doors, BlockStore store, ModelSpec model) {
    this.doors = doors;
    this.store = store;
    this.model = model;
    this.hasher = BlockHasher.of(ModelFingerprint.of(model), model.tokensPerBlock());
    var tiers = store.statistics().tiers().stream().map(StoreStatistics.Tier::name).toList();
    this.namespaces = new Namespaces(hasher, tiers);
  }

  @Override
  public ModelSpec model() {
    return model;
  }

  @Override
  public BlockStore store() {
    return store;
  }

  @Override
  public DoorMatch match(KvRequest request, Duration keep) {
    Known known = namespaces.of(request.namespace());
    return matched(request, keep, known, known.usage());
  }

  private DoorMatch matched(
      KvRequest request, Duration keep, Known known, @Nullable Usage counting) {
    checkOpen();
    Blocks asked = Blocks.within(request.mask(), model.tokensPerBlock());
    Match match = store.match(keys(request, known, asked), keep);
    if (counting != null) {
      counting.asked(asked, match);
    }
    return planned(new DoorMatch(this, tasks.next(), request.namespace(), asked, match));
  }

  /** The keys of what is asked for: of a sequence that the engine has begun, those of the rest. */
  private BlockKeys keys(KvRequest request, Known known, Blocks asked) {
    return asked.count() == 0
        ? BlockKeys.of(List.of())
        : hasher.keys(known.root(), request.tokens(), asked.end())
            .range(asked.first(), asked.end());
  }

  @Override
  public DoorDraft draft(KvRequest request) {
    checkOpen();
    if (request.mask().from() != 0) {
      throw new IllegalArgumentException(
          ("A put starts at token 0 and the mask at token %d: a block without those before it "
              + "could not be found").formatted(request.mask().from()));
    }
    Known known = namespaces.of(request.namespace());
    Blocks asked = Blocks.within(request.mask(), model.tokensPerBlock());
    Draft draft = store.draft(keys(request, known, asked), request.namespace());
    return planned(new DoorDraft(this, tasks.next(), known, asked, draft));
  }

  private <P extends DoorPlan> P planned(P plan) {
    tasks.planned(plan);
    if (closed) {
      plan.close();
      checkOpen();
    }
    return plan;
  }

  @Override
  public List<KvTask> launch(Pool pool, List<KvLaunch> launches) {
    checkOpen();
    List<Launch> checked = new ArrayList<>();
    for (KvLaunch launch : launches) {
      DoorPlan plan = mine(launch.plan());
      int[] blocks = launch.slots().toBlocks(plan.tokens(), model.tokensPerBlock(), pool.blocks());
      checked.add(
          launch(
              plan, plan instanceof DoorDraft draft ? draft.spread(blocks) : blocks,
              launch.options()));
    }
    return started(pool, checked);
  }

  private Launch launch(DoorPlan plan, int[] blocks, JobOptions options) {
    Layers layers = options.layered()
        ? new Layers(options.layers(), model.layers(), model.tokensPerBlock())
        : null;
    JobOptions own = options.in(plan.namespace());
    return new Launch(plan, blocks, layers == null ? own : own.telling(layers), layers);
  }

  private List<KvTask> started(Pool pool, List<Launch> launches) {
    Launch.take(launches);
    List<Job> jobs;
    try {
      jobs = Launch.start(launches, store, pool);
    } catch (RuntimeException refused) {
      Launch.putBack(launches);
      throw refused;
    }
    List<KvTask> started = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      Launch launch = launches.get(i);
      DoorPlan plan = launch.plan();
      started.add(started(plan, new DoorTask(plan, plan.kind(), jobs.get(i), launch.layers())));
    }
    return started;
  }

  private KvTask started(DoorPlan plan, DoorTask task) {
    tasks.started(plan, task);
    if (closed) {
      task.cancel();
    }
    return task;
  }

  @Override
  public KvTask fetch(KvRequest request, Pool pool, SlotMapping slots, JobOptions options) {
    int[] blocks = slots.toBlocks(request.mask(), model.tokensPerBlock(), pool.blocks());
    DoorMatch match = match(request, Duration.ZERO);
    int found = match.match.blocks();
    int[] filled = found == blocks.length ? blocks : Arrays.copyOf(blocks, found);
    return startedOrClosed(pool, match, filled, options);
  }

  @Override
  public KvTask put(KvRequest request, Pool pool, SlotMapping slots, JobOptions options) {
    int[] blocks = slots.toBlocks(request.mask(), model.tokensPerBlock(), pool.blocks());
    return startedOrClosed(pool, draft(request), blocks, options);
  }

  private KvTask startedOrClosed(Pool pool, DoorPlan plan, int[] blocks, JobOptions options) {
    try (plan) {
      return started(pool, List.of(launch(plan, blocks, options))).getFirst();
    }
  }

  @Override
  public KvTask prefetch(KvRequest request, JobOptions options) {
    Known known = namespaces.of(request.namespace());
    try (DoorMatch match = matched(request, Duration.ZERO, known, null)) {
      Job job = store.prefetch(match.match, options.in(request.namespace()));
      match.take();
      return started(match, new DoorTask(match, Kind.PREFETCH, job, null));
    }
  }

  @Override
  public Optional<KvTask> task(long id) {
    return tasks.task(id);
  }

  @Override
  public List<KvStatus> status(long... ids) {
    return Arrays.stream(ids).mapToObj(tasks::tell).toList();
  }

  @Override
  public List<KvStatus> await(Duration timeout, long... ids) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
    for (DoorTask task : tasks.running(ids)) {
      task.await(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
    return status(ids);
  }

  @Override
  public List<KvTask> poll() {
    return tasks.poll();
  }

  @Override
  public CompletionStage<Void> cancel(long... ids) {
    return cancelled(tasks.cancel(ids)).minimalCompletionStage();
  }

  private static CompletableFuture<Void> cancelled(List<DoorTask> tasks) {
    return CompletableFuture.allOf(
        tasks.stream()
            .map(task -> task.cancel().toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public KvMiss explainMiss(KvRequest request) {
    checkOpen();
    Blocks asked = Blocks.within(request.mask(), model.tokensPerBlock());
    Known known = namespaces.of(request.namespace());
    Ending ending = store.explain(keys(request, known, asked));
    int held = (asked.first() + ending.blocks()) * model.tokensPerBlock();
    boolean all = ending.cause() == Cause.COMPLETE;
    return new KvMiss(
        asked.leading(ending.blocks()), all ? request.tokens().size() : held, ending.cause(),
        ending.tier(), all ? List.of() : doors.elsewhere(this, request, held));
  }

  /** {@return under which of this door's names more than {@code held} of the tokens are held} */
  List<Elsewhere> heldFor(TokenDoor asking, KvRequest request, int held) {
    List<Elsewhere> found = new ArrayList<>();
    for (Known known : namespaces.kept()) {
      if (asking == this && known.namespace().equals(request.namespace())) {
        continue;
      }
      int blocks = request.tokens().size() / model.tokensPerBlock();
      int tokens = store.explain(hasher.keys(known.root(), request.tokens(), blocks)).blocks()
          * model.tokensPerBlock();
      if (tokens > held) {
        found.add(
            new Elsewhere(
                known.namespace(), asking == this ? "" : model.name(), tokens,
                Advice.of(asking, this, request.namespace(), known.namespace())));
      }
    }
    return found;
  }

  @Override
  public KvStatistics statistics() {
    return namespaces.statistics();
  }

  @Override
  public void close() {
    closed = true;
    doors.closed(this);
    List<DoorTask> left = tasks.cancelAll();
    try {
      cancelled(left).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The cache of model ''{0}'' is closed while a device is still at work for one of its {1} "
              + "last tasks: the engine''s memory must stay until its pool is closed",
          model.name(), left.size());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A task's stage failed, which none does", e);
    }
  }

  private DoorPlan mine(KvPlan plan) {
    if (plan instanceof DoorPlan mine && mine.door == this) {
      return mine;
    }
    throw new IllegalArgumentException("The plan is not of this cache");
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The cache of model '%s' is closed".formatted(model.name()));
    }
  }
}
