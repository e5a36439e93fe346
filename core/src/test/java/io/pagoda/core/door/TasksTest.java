package io.pagoda.core.door;

import static io.pagoda.core.door.Rig.mask;
import static io.pagoda.core.door.Rig.settled;
import static io.pagoda.core.door.Rig.slots;
import static io.pagoda.core.door.Rig.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockStore;
import io.pagoda.JobOptions;
import io.pagoda.KvCache;
import io.pagoda.KvDraft;
import io.pagoda.KvLaunch;
import io.pagoda.KvMatch;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvStatus;
import io.pagoda.KvStatus.State;
import io.pagoda.KvTask;
import io.pagoda.Outcome.End;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.tck.HeldTier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tasks: who is told of what, when, and how often. */
class TasksTest {
  private static final Edge THROUGH = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY);

  private final HeldTier disk = new HeldTier(Rig.disk(16));

  /** {@return a rig whose first 16 tokens of seed 1 are on the disk only, and the disk is held} */
  private Rig onDisk() {
    Rig rig = new Rig(4, THROUGH, disk);
    finish(rig.put(tokens(1, 16), 0));
    finish(rig.put(tokens(2, 16), 0));
    rig.cache.poll();
    return rig;
  }

  private void finish(KvTask task) {
    while (!task.finished().toCompletableFuture().isDone()) {
      disk.releaseAll();
      Thread.onSpinWait();
    }
  }

  @Test
  void pollTellsOfEachTaskOnce() {
    try (Rig rig = onDisk()) {
      KvTask slow = rig.get(tokens(1, 16), 0);
      assertEquals(List.of(), rig.cache.poll(), "nothing has ended");
      KvTask fast = rig.get(tokens(9, 16), 8);
      settled(fast);
      assertEquals(List.of(fast), rig.cache.poll());
      assertEquals(List.of(), rig.cache.poll());
      finish(slow);
      assertEquals(List.of(slow), rig.cache.poll());
      assertEquals(State.NOT_FOUND, rig.cache.status(slow.id()).getFirst().state());
      assertEquals(State.COMPLETED, slow.status().state(), "who holds the task may always ask");
    }
  }

  @Test
  void manyPollersShareTheTasks() throws Exception {
    try (Rig rig = new Rig(4);
        var threads = Executors.newFixedThreadPool(4)) {
      int count = 2_000;
      var told = Collections.synchronizedList(new ArrayList<Long>());
      var left = new AtomicInteger(count);
      List<Future<?>> pollers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        pollers.add(threads.submit(() -> {
          while (left.get() > 0) {
            List<KvTask> polled = rig.cache.poll();
            polled.forEach(task -> told.add(task.id()));
            left.addAndGet(-polled.size());
          }
        }));
      }
      for (int i = 0; i < count; i++) {
        rig.get(tokens(i, 4), 0);
      }
      for (Future<?> poller : pollers) {
        poller.get(20, TimeUnit.SECONDS);
      }
      assertEquals(count, told.size());
      assertEquals(count, new HashSet<>(told).size(), "one was told twice");
    }
  }

  @Test
  void whatRunsIsRememberedWhateverEndsAndOldEndsAreForgotten() {
    try (Rig rig = onDisk()) {
      KvTask slow = rig.get(tokens(1, 16), 0);
      KvTask first = rig.get(tokens(9, 4), 8);
      KvTask last = first;
      for (int i = 0; i < TaskTable.KEPT; i++) {
        last = rig.get(tokens(9, 4), 8);
      }
      List<KvStatus> status = rig.cache.status(slow.id(), first.id(), first.id() + 1, last.id());
      assertEquals(
          List.of(State.RUNNING, State.NOT_FOUND, State.COMPLETED, State.COMPLETED),
          status.stream().map(KvStatus::state).toList());
      assertEquals(TaskTable.KEPT - 2, rig.cache.poll().size());
      assertTrue(rig.cache.task(slow.id()).isPresent());
      finish(slow);
      assertEquals(List.of(slow), rig.cache.poll());
      assertTrue(rig.cache.task(slow.id()).isEmpty());
    }
  }

  @Test
  void plansThatNobodyWantsDoNotPileUp() {
    try (Rig rig = new Rig(4)) {
      rig.putting(tokens(1, 16), 0, mask(0, 16, 16));
      KvMatch first = rig.cache.match(KvRequest.of(tokens(1, 16)));
      for (int i = 0; i < TaskTable.PLANS; i++) {
        rig.cache.match(KvRequest.of(tokens(5, 4)));
      }
      assertEquals(State.NOT_FOUND, rig.cache.status(first.id()).getFirst().state());
      rig.putting(tokens(2, 16), 0, mask(0, 16, 16));
    }
  }

  @Test
  void onePlanIsLaunchedOnce() throws Exception {
    try (Rig rig = new Rig(8);
        var threads = Executors.newFixedThreadPool(4)) {
      rig.putting(tokens(1, 16), 0, mask(0, 16, 16));
      for (int round = 0; round < 100; round++) {
        KvMatch match = rig.cache.match(KvRequest.of(tokens(1, 16)));
        var launched = new AtomicInteger();
        var refused = new AtomicInteger();
        var start = new CountDownLatch(1);
        List<Future<?>> launchers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          int block = 4 * i + 4;
          launchers.add(threads.submit(() -> {
            start.await();
            try {
              settled(rig.cache.launch(match, rig.pool, slots(block, 16)));
              launched.incrementAndGet();
            } catch (IllegalStateException _) {
              refused.incrementAndGet();
            }
            return null;
          }));
        }
        start.countDown();
        for (Future<?> launcher : launchers) {
          launcher.get(20, TimeUnit.SECONDS);
        }
        assertEquals(1, launched.get());
        assertEquals(3, refused.get());
      }
      rig.putting(tokens(2, 32), 0, mask(0, 32, 32));
    }
  }

  @Test
  void aDeadlineEndsATaskThatADiskHangsOn() throws InterruptedException {
    try (Rig rig = onDisk()) {
      rig.blank();
      JobOptions hasty = JobOptions.DEFAULT.within(Duration.ofMillis(50));
      KvTask task = rig.cache.fetch(KvRequest.of(tokens(1, 16)), rig.pool, slots(0, 16), hasty);
      assertEquals(End.EXPIRED, Rig.await(task.outcome()).end());
      assertEquals(State.EXPIRED, task.await(Duration.ofSeconds(20)).state());
      finish(task);
      rig.assertBlank();
    }
  }

  @Test
  void closingCancelsAndWaits() throws Exception {
    try (Rig rig = onDisk();
        var threads = Executors.newSingleThreadExecutor()) {
      rig.blank();
      KvTask running = rig.get(tokens(1, 16), 0);
      KvMatch match = rig.cache.match(KvRequest.of(tokens(2, 16)));
      threads.submit(rig.cache::close).get(20, TimeUnit.SECONDS);
      assertEquals(End.CANCELLED, settled(running).end());
      assertTrue(rig.cache.task(running.id()).isPresent(), "its end may still be asked for");
      finish(running);
      rig.assertBlank();
      assertThrows(
          IllegalStateException.class, () -> rig.cache.launch(match, rig.pool, slots(0, 16)));
    }
  }

  @Test
  void closingWhileOthersFetchLeavesNothingRunning() throws Exception {
    for (int round = 0; round < 20; round++) {
      try (Rig rig = new Rig(8);
          var threads = Executors.newFixedThreadPool(3)) {
        rig.putting(tokens(1, 16), 0, mask(0, 16, 16));
        List<Future<?>> fetchers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          int block = 4 * i + 4;
          fetchers.add(threads.submit(() -> {
            while (true) {
              try {
                settled(rig.get(tokens(1, 16), block));
              } catch (IllegalStateException closed) {
                return closed.getMessage();
              }
            }
          }));
        }
        rig.cache.close();
        for (Future<?> fetcher : fetchers) {
          assertTrue(fetcher.get(20, TimeUnit.SECONDS).toString().contains("closed"));
        }
        assertEquals(0, rig.store.statistics().jobs().running());
        rig.store.register(rig.pool.parts()).close();
      }
    }
  }

  @Test
  void layersComeOneByOneToWhoAsks() {
    try (Rig rig = new Rig(8)) {
      rig.putting(tokens(1, 16), 0, mask(0, 16, 16));
      var heard = Collections.synchronizedList(new ArrayList<String>());
      JobOptions layered =
          JobOptions.DEFAULT.telling((layer, blocks) -> heard.add(layer + ":" + blocks));
      KvTask task = rig.cache.fetch(KvRequest.of(tokens(1, 16)), rig.pool, slots(8, 16), layered);
      assertEquals(16, Rig.await(task.layer(0)));
      assertEquals(16, Rig.await(task.layer(1)));
      settled(task);
      assertEquals(List.of("0:4", "1:4"), heard);
      assertThrows(IndexOutOfBoundsException.class, () -> task.layer(2));
      KvTask plain = rig.get(tokens(1, 16), 8);
      assertEquals(16, Rig.await(plain.layer(1)), "with the outcome");
      KvTask none = rig.cache.fetch(KvRequest.of(tokens(7, 16)), rig.pool, slots(8, 16), layered);
      assertEquals(0, Rig.await(none.layer(0)));
    }
  }

  @Test
  void layersOfACancelledFetchAreNotWaitedForForEver() {
    try (Rig rig = onDisk()) {
      JobOptions layered = JobOptions.DEFAULT.telling((_, _) -> {});
      KvTask task = rig.cache.fetch(KvRequest.of(tokens(1, 16)), rig.pool, slots(8, 16), layered);
      assertFalse(task.layer(0).toCompletableFuture().isDone());
      Rig.await(task.cancel());
      assertEquals(0, Rig.await(task.layer(0)));
      finish(task);
    }
  }

  @Test
  void aPrefetchBringsTokensUp() {
    try (Rig rig = onDisk()) {
      KvTask prefetch = rig.cache.prefetch(KvRequest.of(tokens(1, 18)));
      assertEquals(KvTask.Kind.PREFETCH, prefetch.kind());
      finish(prefetch);
      assertEquals(mask(0, 16, 18), settled(prefetch).tokens());
      try (KvMatch match = rig.cache.match(KvRequest.of(tokens(1, 16)))) {
        assertEquals(16, match.tokensAt("host"));
      }
    }
  }

  /** A store that is closed between the two, say: the fetches run, and must be held by somebody. */
  @Test
  void fetchesStayInHandWhenThePutsBesideThemAreRefused() {
    try (Rig rig = new Rig(16)) {
      rig.putting(tokens(1, 8), 0, mask(0, 8, 8));
      KvCache cache = new Doors(refusingPuts(rig.store)).open(Rig.MODEL);
      KvMatch match = cache.match(KvRequest.of(tokens(1, 8)));
      KvDraft draft = cache.draft(KvRequest.of(tokens(2, 8)));
      List<KvTask> tasks = cache.launch(
          rig.pool, List.of(new KvLaunch(draft, slots(2, 8)), new KvLaunch(match, slots(8, 8))));
      KvOutcome put = settled(tasks.get(0));
      assertEquals(End.FAILED, put.end());
      assertTrue(put.reason().contains("refused in a test"), put.reason());
      assertEquals(8, settled(tasks.get(1)).tokens().count());
      assertEquals(2, rig.store.statistics().tiers().getFirst().used(), "the draft is given back");
      KvDraft alone = cache.draft(KvRequest.of(tokens(3, 8)));
      assertThrows(IllegalStateException.class, () -> cache.launch(alone, rig.pool, slots(2, 8)));
    }
  }

  private static BlockStore refusingPuts(BlockStore store) {
    return (BlockStore) Proxy.newProxyInstance(
        BlockStore.class.getClassLoader(), new Class<?>[] {BlockStore.class},
        (_, method, arguments) -> {
          if (method.getName().equals("put")) {
            throw new IllegalStateException("refused in a test");
          }
          return method.invoke(store, arguments);
        });
  }
}
