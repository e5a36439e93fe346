package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.pool.HostDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first layers are on one device and the last on another, which comes to its copies first. */
class DeviceSectionsTest {
  private static final PoolSpec HALF = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 8, 24);
  private static final long BLOCK = 2 * HALF.blockBytes();
  private static final BlockKeys KEYS = EngineRig.keys(1, 3);
  private static final int[] THREE = {4, 0, 2};

  private final HostDevice one = new HostDevice("GPU-1");
  private final HostDevice two = new HostDevice("GPU-2");
  private final MemorySegment first = one.allocate(HALF.bytes()).segment();
  private final MemorySegment last = two.allocate(HALF.bytes()).segment();
  private final BlockStore store = store();
  private final Pool pool = store.register(
      List.of(
          new PoolPart(HALF, List.of(first), 0, 0, false, "GPU-1"),
          new PoolPart(HALF, List.of(last), HALF.blockBytes(), 2, false, "GPU-2")));
  private final CompletableFuture<Void> reached = new CompletableFuture<>();
  private final byte[] put = new byte[Math.toIntExact(HALF.bytes())];

  private BlockStore store() {
    var sections = new Sections(
        BLOCK,
        List.of(
            new Section(List.of(new Range(0, BLOCK / 2))),
            new Section(List.of(new Range(BLOCK / 2, BLOCK / 2)))));
    var graph = new TierGraph(
        List.of(EngineRig.node("host", new SimulatedHub(16, (int) BLOCK))), List.of(), sections);
    return Engine.open(graph, List.of(one, two), EngineSettings.DEFAULT, StageTimes.NONE);
  }

  @BeforeEach
  void putThree() {
    for (int i = 0; i < put.length; i++) {
      put[i] = (byte) (i * 31 + 1);
    }
    first.copyFrom(MemorySegment.ofArray(put));
    last.copyFrom(MemorySegment.ofArray(put));
    assertEquals(3, EngineRig.await(store.put(KEYS, pool, THREE)).blocks());
    first.fill((byte) 0);
  }

  @AfterEach
  void close() {
    reached.complete(null);
    pool.close();
    store.close();
  }

  /** Begins a fetch; returns it when its last layers have come, and its first not. */
  private Job fetchOfLastLayers() {
    DeviceEvent event = DeviceEvent.of("GPU-1", 1);
    one.ahead.put(event, reached);
    var order = DeviceOrder.NONE.after(event).layers(List.of(List.of(), List.of()));
    var options = JobOptions.DEFAULT.ordered(order);
    Job job = store.fetch(pool, List.of(new Fetch(store.match(KEYS), THREE, options))).getFirst();
    EngineRig.awaitUntil(() -> batchesToDevices() == 1, "the last layers come");
    return job;
  }

  private long batchesToDevices() {
    return store.statistics()
        .hops()
        .stream()
        .filter(hop -> hop.to().equals("device"))
        .mapToLong(hop -> hop.count(HopCount.BATCHES))
        .sum();
  }

  @Test
  void blocksHaveArrivedWhenTheFirstLayersHaveToo() {
    Job job = fetchOfLastLayers();
    reached.complete(null);
    Outcome outcome = EngineRig.await(job);
    assertEquals(End.COMPLETED, outcome.end(), outcome.toString());
    assertEquals(3, outcome.blocks(), outcome.toString());
    for (int block : THREE) {
      for (int chunk = 0; chunk < 4; chunk++) {
        int at = Math.toIntExact(HALF.offset(block, chunk / 2, chunk % 2));
        for (int i = at; i < at + 24; i++) {
          assertEquals(put[i], first.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
        }
      }
    }
  }

  @Test
  void blocksWhoseFirstLayersDoNotComeHaveNotArrived() {
    Job job = fetchOfLastLayers();
    one.copiesLeft.set(0);
    reached.complete(null);
    Outcome outcome = EngineRig.await(job);
    assertEquals(End.FAILED, outcome.end(), outcome.toString());
    assertEquals(0, outcome.blocks(), outcome.toString());
  }

  @Test
  void aCancelledFetchDoesNotCountBlocksWhoseFirstLayersHaveNotCome() {
    Job job = fetchOfLastLayers();
    job.cancel();
    Outcome outcome = job.outcome().toCompletableFuture().join();
    assertEquals(End.CANCELLED, outcome.end(), outcome.toString());
    assertEquals(0, outcome.blocks(), outcome.toString());
  }
}
