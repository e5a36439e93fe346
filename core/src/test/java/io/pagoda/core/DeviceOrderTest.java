package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.QueueListener;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.pool.HostDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that keep to the order of the engine's own work on a device. */
class DeviceOrderTest {
  private static final String GPU = "GPU-1";
  private static final int LAYERS = 4;
  private static final int BLOCKS = 8;
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, LAYERS, 2, BLOCKS, 24);
  private static final long BLOCK = SPEC.blockBytes();
  private static final int[] THREE = {4, 0, 2};

  private final HostDevice device = new HostDevice(GPU);
  private final MemorySegment memory = device.allocate(SPEC.bytes()).segment();
  private final BlockStore store = store();
  private final Pool pool =
      store.register(List.of(new PoolPart(SPEC, List.of(memory), 0, 0, false, GPU)));

  /** Two sections: the first two layers, then the other two. */
  private BlockStore store() {
    var sections = new Sections(
        BLOCK,
        List.of(
            new Section(List.of(new Range(0, BLOCK / 2))),
            new Section(List.of(new Range(BLOCK / 2, BLOCK / 2)))));
    var graph = new TierGraph(
        List.of(EngineRig.node("host", new SimulatedHub(16, (int) BLOCK))), List.of(), sections);
    return Engine.open(graph, List.of(device), EngineSettings.DEFAULT, StageTimes.NONE);
  }

  @AfterEach
  void close() {
    device.ahead.values().forEach(event -> event.complete(null));
    pool.close();
    assertEquals(0, device.signals.get(), "signals left open");
    store.close();
  }

  private static DeviceEvent event(long handle) {
    return DeviceEvent.of(GPU, handle);
  }

  private static BlockKeys keys(int count) {
    return BlockKeys.ofWords(IntStream.range(1, 2 * count + 1).asLongStream().toArray());
  }

  private void putThree() {
    for (long i = 0; i < memory.byteSize(); i++) {
      memory.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
    }
    assertEquals(3, EngineRig.await(store.put(keys(3), pool, THREE)).blocks());
    device.log.clear();
  }

  private Job fetch(DeviceOrder order) {
    var options = JobOptions.DEFAULT.ordered(order);
    return store.fetch(pool, List.of(new Fetch(store.match(keys(3)), THREE, options))).getFirst();
  }

  @Test
  void aFetchWritesNothingBeforeTheEnginesEvent() {
    putThree();
    memory.fill((byte) 7);
    var reached = new CompletableFuture<Void>();
    device.ahead.put(event(11), reached);
    Job job = fetch(DeviceOrder.NONE.after(event(11)));
    assertFalse(job.outcome().toCompletableFuture().isDone(), "before the event");
    assertEquals(-1, memory.mismatch(sevens()), "nothing is written before the event");
    reached.complete(null);
    assertEquals(3, EngineRig.await(job).blocks());
    assertEquals(List.of("wait for 11", "copy of 3"), device.log);
  }

  private static MemorySegment sevens() {
    var same = MemorySegment.ofArray(new byte[Math.toIntExact(SPEC.bytes())]);
    return same.fill((byte) 7);
  }

  @Test
  void aPutReadsNothingBeforeTheEnginesEventAndRecordsItsEnd() {
    DeviceEvent other = DeviceEvent.exported(GPU, new byte[64]);
    var order = DeviceOrder.NONE.after(event(5), other).end(event(6));
    Outcome put =
        EngineRig.await(store.put(keys(3), pool, THREE, JobOptions.DEFAULT.ordered(order)));
    assertEquals(3, put.blocks(), put.toString());
    flush();
    assertEquals(List.of("wait for 5", "wait for exported 0", "copy of 3", "record 6"), device.log);
  }

  /** Lets the device do what it was given. */
  private void flush() {
    var reached = new CompletableFuture<Void>();
    device.whenIdle(() -> reached.complete(null));
    reached.orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Test
  void layersAreRecordedBehindTheirCopiesAndToldOfBeforeTheyHaveCome() {
    putThree();
    List<String> told = new CopyOnWriteArrayList<>();
    var allQueued = new CompletableFuture<Integer>();
    var reached = new CompletableFuture<Void>();
    device.ahead.put(event(1), reached);
    var order = DeviceOrder.NONE.after(event(1))
        .layers(IntStream.range(0, LAYERS).mapToObj(i -> List.of(event(20 + i))).toList())
        .end(event(30))
        .telling(new QueueListener() {
          @Override
          public void layerQueued(int layer, int blocks) {
            told.add("layer %d of %d".formatted(layer, blocks));
          }

          @Override
          public void allQueued(int blocks) {
            told.add("all of " + blocks);
            allQueued.complete(blocks);
          }
        });
    Job job = fetch(order);
    assertEquals(
        3, allQueued.orTimeout(30, TimeUnit.SECONDS).join(), "told while the device has not begun");
    assertFalse(job.outcome().toCompletableFuture().isDone(), "the device has not begun");
    assertEquals(
        List.of("layer 0 of 3", "layer 1 of 3", "layer 2 of 3", "layer 3 of 3", "all of 3"), told);
    reached.complete(null);
    assertEquals(3, EngineRig.await(job).blocks());
    flush();
    assertEquals("wait for 1", device.log.getFirst());
    assertBefore("copy of 3", "record 20");
    assertBefore("record 20", "record 21");
    assertBefore("record 22", "record 23");
    assertBefore("record 23", "record 30");
    assertTrue(
        device.log.lastIndexOf("copy of 3") < device.log.indexOf("record 22"),
        () -> "the second section's copy goes before its layers' events: " + device.log);
  }

  @Test
  void ofLayersWhoseCopiesAreRefusedNothingIsRecordedOrTold() {
    putThree();
    device.takenLeft.set(1);
    List<String> told = new CopyOnWriteArrayList<>();
    var order = DeviceOrder.NONE.after(event(1))
        .layers(IntStream.range(0, LAYERS).mapToObj(i -> List.of(event(20 + i))).toList())
        .end(event(30))
        .telling(listener(told));
    Outcome outcome = EngineRig.await(fetch(order));
    assertEquals(0, outcome.blocks(), outcome.toString());
    flush();
    for (String never : List.of("record 22", "record 23", "record 30")) {
      assertFalse(device.log.contains(never), () -> never + " in " + device.log);
    }
    assertTrue(
        List.of("layer 0 of 3", "layer 1 of 3").containsAll(told), () -> "of the rest: " + told);
  }

  @Test
  void aPutThatIsRefusedRecordsNoEnd() {
    device.takenLeft.set(0);
    List<String> told = new CopyOnWriteArrayList<>();
    var order = DeviceOrder.NONE.end(event(6)).telling(listener(told));
    Outcome put =
        EngineRig.await(store.put(keys(3), pool, THREE, JobOptions.DEFAULT.ordered(order)));
    assertEquals(0, put.blocks(), put.toString());
    flush();
    assertEquals(List.of(), device.log);
    assertEquals(List.of(), told);
  }

  private static QueueListener listener(List<String> told) {
    return new QueueListener() {
      @Override
      public void layerQueued(int layer, int blocks) {
        told.add("layer %d of %d".formatted(layer, blocks));
      }

      @Override
      public void allQueued(int blocks) {
        told.add("all of " + blocks);
      }
    };
  }

  private void assertBefore(String first, String second) {
    int one = device.log.indexOf(first);
    int two = device.log.indexOf(second);
    assertTrue(0 <= one && one < two, first + " before " + second + ": " + device.log);
  }

  @Test
  void eventsOfOtherDevicesAreRefused() {
    var order = DeviceOrder.NONE.after(DeviceEvent.of("GPU-2", 1));
    var refused = assertThrows(IllegalArgumentException.class, () -> fetch(order));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("GPU-2, and the pool is on [GPU-1]"),
        refused.getMessage());
  }
}
