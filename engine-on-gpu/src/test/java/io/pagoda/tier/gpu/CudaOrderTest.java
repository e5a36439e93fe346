package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
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
import io.pagoda.spi.device.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import jcuda.driver.CUstreamWaitValue_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transfers in the order of an engine's own stream, which a gate in host memory holds up. */
@OnGpu
class CudaOrderTest {
  private static final int LAYERS = 8;
  private static final int BLOCKS = 12;
  private static final int[] SOME = {7, 3, 11, 0, 5};
  private static final PoolSpec SPEC =
      new PoolSpec(KvLayout.LAYER_FIRST, LAYERS, 2, BLOCKS, 64 << 10);
  private static final BlockKeys KEYS =
      BlockKeys.ofWords(LongStream.rangeClosed(1, 2L * SOME.length).toArray());

  private final Rig rig = Rig.open(16, sections());
  private final CudaDevice device = rig.device();
  private final Arena arena = Arena.ofShared();
  private final DeviceMemory memory = device.allocate(SPEC.bytes());
  private final Pool pool = rig.store()
      .register(List.of(new PoolPart(SPEC, List.of(memory.segment()), 0, 0, false, device.uuid())));
  private final MemorySegment image = arena.allocate(SPEC.bytes());

  /** A page of host memory that the engine's stream waits for. */
  private final MemorySegment gate = Host.pages(arena, 4096);

  /** Pinned before any gate is closed: pinning may wait for the device. */
  private final MemorySegment pinned = Host.pages(arena, SPEC.bytes());

  private final StreamHandle compute;

  CudaOrderTest() {
    device.pin(gate);
    device.pin(pinned);
    Host.awaitPinned(device, gate);
    Host.awaitPinned(device, pinned);
    try (var _ = device.context.enter()) {
      compute = StreamHandle.create(device.context);
    }
  }

  /** A section for each layer. */
  private static Sections sections() {
    long layer = SPEC.blockBytes() / LAYERS;
    return new Sections(
        SPEC.blockBytes(),
        IntStream.range(0, LAYERS)
            .mapToObj(i -> new Section(List.of(new Range(i * layer, layer))))
            .toList());
  }

  @AfterEach
  void close() {
    open();
    pool.close();
    try (var _ = device.context.enter()) {
      check(JCudaDriver.cuStreamSynchronize(compute), "cuStreamSynchronize");
      compute.destroy(device.context);
    }
    memory.close();
    var census = device.context.census;
    rig.close();
    arena.close();
    assertTrue(census.isEmpty(), census::toString);
  }

  private TestEvent event() {
    try (var _ = device.context.enter()) {
      return TestEvent.create();
    }
  }

  private void destroy(TestEvent event) {
    try (var _ = device.context.enter()) {
      check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
    }
  }

  /** Puts an event into the engine's stream, behind the gate. */
  private TestEvent behindTheGate() {
    TestEvent event = event();
    try (var _ = device.context.enter()) {
      check(
          JCudaDriver.cuStreamWaitValue32(
              compute, CudaMemory.at(gate.address()), 1,
              CUstreamWaitValue_flags.CU_STREAM_WAIT_VALUE_GEQ),
          "cuStreamWaitValue32");
      check(JCudaDriver.cuEventRecord(event, compute), "cuEventRecord");
    }
    return event;
  }

  private void open() {
    ValueLayout.JAVA_INT.varHandle().setVolatile(gate, 0L, 1);
  }

  private void fill(long seed) {
    Host.fill(image, seed);
    Host.write(device, memory, image);
  }

  private MemorySegment found() {
    MemorySegment found = arena.allocate(SPEC.bytes());
    Host.read(device, memory, found);
    return found;
  }

  private static Outcome await(Job job) {
    return job.outcome().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private Job fetch(DeviceOrder order) {
    var options = JobOptions.DEFAULT.ordered(order);
    var fetch = new Fetch(rig.store().match(KEYS), SOME, options);
    return rig.store().fetch(pool, List.of(fetch)).getFirst();
  }

  @Test
  void aPutReadsWhatTheEngineWritesBeforeItsEvent() {
    fill(1);
    // The driver may wait for the device when it first sees a kernel.
    var others = BlockKeys.ofWords(new long[] {101, 102});
    assertEquals(1, await(rig.store().put(others, pool, 1)).blocks());
    MemorySegment later = arena.allocate(SPEC.bytes());
    Host.fill(later, 2);
    pinned.copyFrom(later);
    TestEvent written = event();
    try (var _ = device.context.enter()) {
      check(
          JCudaDriver.cuStreamWaitValue32(
              compute, CudaMemory.at(gate.address()), 1,
              CUstreamWaitValue_flags.CU_STREAM_WAIT_VALUE_GEQ),
          "cuStreamWaitValue32");
      check(
          JCudaDriver.cuMemcpyAsync(
              CudaMemory.at(memory.segment().address()), CudaMemory.at(pinned.address()),
              SPEC.bytes(), compute),
          "cuMemcpyAsync");
      check(JCudaDriver.cuEventRecord(written, compute), "cuEventRecord");
    }
    var order = DeviceOrder.NONE.after(written.on(device));
    Job put = rig.store().put(KEYS, pool, SOME, JobOptions.DEFAULT.ordered(order));
    assertFalse(put.outcome().toCompletableFuture().isDone(), "the engine has not written yet");
    open();
    assertEquals(SOME.length, await(put).blocks());
    Host.write(device, memory, arena.allocate(SPEC.bytes()));
    assertEquals(SOME.length, await(fetch(DeviceOrder.NONE)).blocks());
    assertEquals(-1, onlySome(later).mismatch(found()), "what the engine wrote is what was put");
    destroy(written);
  }

  /** {@return memory that holds nothing but the blocks that are put} */
  private MemorySegment onlySome(MemorySegment of) {
    MemorySegment only = arena.allocate(SPEC.bytes());
    for (int block : SOME) {
      for (int chunk = 0; chunk < SPEC.chunksPerBlock(); chunk++) {
        long at = SPEC.offset(block, chunk / 2, chunk % 2);
        MemorySegment.copy(of, at, only, at, SPEC.chunkBytes());
      }
    }
    return only;
  }

  @Test
  void aFetchWritesNothingBeforeTheEnginesEvent() {
    fill(3);
    assertEquals(SOME.length, await(rig.store().put(KEYS, pool, SOME)).blocks());
    MemorySegment before = onlySome(image);
    fill(4);
    TestEvent used = behindTheGate();
    Job job = fetch(DeviceOrder.NONE.after(used.on(device)));
    assertEquals(-1, image.mismatch(found()), "the engine still uses the blocks");
    assertFalse(job.outcome().toCompletableFuture().isDone());
    open();
    assertEquals(SOME.length, await(job).blocks());
    assertEquals(-1, before.mismatch(onlySome(found())), "then they come");
    destroy(used);
  }

  /** Reads each layer in the engine's stream, behind the layer's event, told before it has come. */
  @Test
  void theEnginesStreamWaitsForLayers() {
    fill(5);
    assertEquals(SOME.length, await(rig.store().put(KEYS, pool, SOME)).blocks());
    MemorySegment before = onlySome(image);
    fill(6);
    TestEvent used = behindTheGate();
    List<TestEvent> layers = IntStream.range(0, LAYERS).mapToObj(_ -> event()).toList();
    var queued = new CompletableFuture<Integer>();
    var order = DeviceOrder.NONE.after(used.on(device))
        .layers(layers.stream().map(event -> List.<DeviceEvent>of(event.on(device))).toList())
        .telling(new QueueListener() {
          @Override
          public void allQueued(int blocks) {
            queued.complete(blocks);
          }
        });
    Job job = fetch(order);
    assertEquals(SOME.length, queued.orTimeout(60, TimeUnit.SECONDS).join());
    assertFalse(job.outcome().toCompletableFuture().isDone(), "the gate is closed");
    MemorySegment seen = read(layers);
    open();
    try (var _ = device.context.enter()) {
      check(JCudaDriver.cuStreamSynchronize(compute), "cuStreamSynchronize");
    }
    assertEquals(-1, before.mismatch(onlySome(seen)), "what the engine's stream saw");
    assertEquals(SOME.length, await(job).blocks());
    layers.forEach(this::destroy);
    destroy(used);
  }

  private MemorySegment read(List<TestEvent> layers) {
    long layer = SPEC.layerStride();
    try (var _ = device.context.enter()) {
      for (int i = 0; i < LAYERS; i++) {
        check(JCudaDriver.cuStreamWaitEvent(compute, layers.get(i), 0), "cuStreamWaitEvent");
        check(
            JCudaDriver.cuMemcpyAsync(
                CudaMemory.at(pinned.address() + i * layer),
                CudaMemory.at(memory.segment().address() + i * layer), layer, compute),
            "cuMemcpyAsync");
      }
    }
    return pinned.asSlice(0, SPEC.bytes());
  }
}
