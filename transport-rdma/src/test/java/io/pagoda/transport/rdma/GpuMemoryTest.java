package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.verbs.IbvMr;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import io.pagoda.transport.rdma.VerbsNative.Function;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of GPUs is registered by the way there is; CUDA and libibverbs are of plain memory. */
class GpuMemoryTest {
  /** A byte of the peer's host memory, and its key. */
  static final long READABLE = 0x7000;

  static final int READABLE_KEY = 77;
  private static final MemoryPlace FIRST = new MemoryPlace.OfDevice("GPU-1");
  private static final MemoryPlace SECOND = new MemoryPlace.OfDevice("GPU-2");

  @Test
  void theWayThereIsIsTakenAndElseSaidWhyNot(@TempDir Path module) {
    List<Path> none = List.of(module.resolve("nvidia_peermem"));
    var missing = new CudaNative.Attempt(Optional.empty(), "no libcuda.so.1");
    assertEquals(new GpuWay.None("no libcuda.so.1", false), GpuWay.find(missing, true, none));
    try (FakeCudaNative cuda = new FakeCudaNative()) {
      var there = new CudaNative.Attempt(Optional.of(cuda.driver()), "");
      assertEquals("by dma-buf", GpuWay.find(there, true, none).text());
      assertEquals(List.of("cuDeviceGetAttribute 124 3"), cuda.calls);
      cuda.supported = 0;
      assertEquals("by nvidia-peermem", GpuWay.find(there, true, List.of(module)).text());
      var without = assertInstanceOf(GpuWay.None.class, GpuWay.find(there, true, none));
      assertTrue(without.why().contains("dma-buf") && without.why().contains("modprobe"));
      assertTrue(without.gpu());
      String text = GpuWay.find(there, false, none).text();
      assertTrue(text.startsWith("cannot be moved by this transport: libibverbs is older"), text);
    }
  }

  @Test
  void aDeviceIsAskedWhetherItTakesFiles(@TempDir Path module) throws IOException {
    List<Path> none = List.of(module.resolve("nvidia_peermem"));
    try (FakeCudaNative cuda = new FakeCudaNative()) {
      var there = new CudaNative.Attempt(Optional.of(cuda.driver()), "");
      assertEquals("by dma-buf", opened(GpuWay.find(there, true, none), 9).text());
      for (int error : new int[] {95, 93}) {
        GpuWay with = opened(GpuWay.find(there, true, List.of(module)), error);
        assertEquals("by nvidia-peermem", with.text());
        var without =
            assertInstanceOf(GpuWay.None.class, opened(GpuWay.find(there, true, none), error));
        assertTrue(without.why().contains("the RDMA device"), without::why);
        assertTrue(without.why().contains("modprobe"), without::why);
      }
    }
  }

  /** {@return the way of a device that refuses a file which is none, with an error} */
  private static GpuWay opened(GpuWay way, int error) throws IOException {
    try (FakeDevice fake = new FakeDevice()) {
      fake.refusesFiles = error;
      Device device = fake.open(way);
      device.close();
      return device.gpus();
    }
  }

  @Test
  void whatDevicesReachIsCopiedSynchronously(@TempDir Path module) throws IOException {
    for (int error : new int[] {9, 95}) {
      try (FakeCudaNative cuda = new FakeCudaNative();
          FakeDevice fake = new FakeDevice()) {
        var there = new CudaNative.Attempt(Optional.of(cuda.driver()), "");
        fake.refusesFiles = error;
        Device device = fake.open(GpuWay.find(there, true, List.of(module)));
        fake.refusesFiles = 0;
        cuda.calls.clear();
        device.deregister(device.registerGpu(8_192, 4_096, Abi.LOCAL_WRITE));
        assertEquals(
            List.of(
                "cuPointerGetAttribute 1 8192", "cuCtxPushCurrent_v2 " + 0x77,
                "cuPointerSetAttribute 1 6 8192", "cuCtxPopCurrent_v2"),
            cuda.calls.subList(0, 4));
        cuda.errors.put("cuPointerSetAttribute", 801);
        device.deregister(device.registerGpu(8_192, 4_096, Abi.LOCAL_WRITE));
        device.close();
      }
    }
  }

  @Test
  void memoryOfNoContextIsExportedInThePrimaryOne() throws IOException {
    try (FakeCudaNative cuda = new FakeCudaNative()) {
      cuda.context = 0;
      assertEquals(42, cuda.driver().export(4_096, 8_192));
      assertEquals(
          List.of(
              "cuPointerGetAttribute 1 4096", "cuPointerGetAttribute 9 4096",
              "cuDevicePrimaryCtxRetain 3", "cuCtxPushCurrent_v2 " + 0x99,
              "cuMemGetHandleForAddressRange 4096 8192 1 0", "cuCtxPopCurrent_v2",
              "cuDevicePrimaryCtxRelease_v2 3"),
          cuda.calls);
    }
  }

  @Test
  void aFileIsClosedWhoseContextCannotBeLeft() {
    try (FakeCudaNative cuda = new FakeCudaNative()) {
      cuda.errors.put("cuCtxPopCurrent_v2", 201);
      assertThrows(IOException.class, () -> cuda.driver().export(4_096, 4_096));
      assertEquals("close 42", cuda.calls.getLast());
    }
  }

  @Test
  void pagesAreExportedAndRegisteredByTheirAddress() throws IOException {
    List<Object> asked = new ArrayList<>();
    try (FakeCudaNative cuda = new FakeCudaNative();
        Arena arena = Arena.ofShared()) {
      var _ = FfmProvider.install();
      FfmVerbs verbs = new FfmVerbs((function, words) -> {
        asked.add(function);
        Arrays.stream(words).forEach(asked::add);
        return FakeRegistrar.registered(arena, words[3], words[2], 9);
      });
      Native.Pd pd = new Native.Pd(null, 0x55);
      IbvMr made = Device
          .registerFile(verbs, pd, cuda.driver(), (7L << 40) + 4_096 + 100, 8_192, Abi.LOCAL_WRITE);
      long begin = (7L << 40) + 4_096;
      assertEquals(
          List.of(
              Function.IBV_REG_DMABUF_MR, 0x55L, 100L, 8_192L, begin + 100, 42L,
              (long) Abi.LOCAL_WRITE),
          asked);
      assertEquals(
          List.of(
              "cuPointerGetAttribute 1 " + begin, "cuCtxPushCurrent_v2 " + 0x77,
              "cuMemGetHandleForAddressRange " + begin + " 12288 1 0", "cuCtxPopCurrent_v2",
              "close 42"),
          cuda.calls);
      assertEquals(9, made.getRkey());
    }
  }

  @Test
  void aFileIsClosedAndAContextLeftWhateverFails() throws IOException {
    try (FakeCudaNative cuda = new FakeCudaNative()) {
      var _ = FfmProvider.install();
      FfmVerbs verbs = new FfmVerbs((function, _) -> {
        throw new VerbsNative.NativeException(function, 95);
      });
      Native.Pd pd = new Native.Pd(null, 0x55);
      IOException refused = assertThrows(
          IOException.class,
          () -> Device.registerFile(verbs, pd, cuda.driver(), 4_096, 4_096, Abi.LOCAL_WRITE));
      assertEquals("ibv_reg_dmabuf_mr: not supported", refused.getMessage());
      assertEquals("close 42", cuda.calls.getLast());
      cuda.errors.put("cuMemGetHandleForAddressRange", 801);
      refused = assertThrows(IOException.class, () -> cuda.driver().export(4_096, 4_096));
      assertTrue(String.valueOf(refused.getMessage()).contains("error 801"), refused::toString);
      assertEquals("cuCtxPopCurrent_v2", cuda.calls.getLast());
    }
  }

  @Test
  void relaxedOrderingReachesTheVerbs() throws IOException {
    List<Object> asked = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      var _ = FfmProvider.install();
      FfmVerbs verbs = new FfmVerbs((function, words) -> {
        asked.addAll(List.of(function, words[1], words[2], words[words.length - 1]));
        return FakeRegistrar.registered(arena, words[1], words[2], 9);
      });
      Native.Pd pd = new Native.Pd(null, 0x55);
      var _ = verbs.regMr(pd, 4_096, 100, Abi.LOCAL_WRITE).execute();
      var _ = verbs.regMr(pd, 4_096, 100, Abi.LOCAL_WRITE | Abi.RELAXED_ORDERING).execute();
    }
    assertEquals(
        List.of(
            Function.IBV_REG_MR, 4_096L, 100L, 1L, Function.IBV_REG_MR_IOVA2, 4_096L, 100L,
            1L | 1 << 20),
        asked);
  }

  @Test
  void relaxedOrderingIsOfEveryRegistration() {
    for (boolean relaxed : new boolean[] {false, true}) {
      RdmaSettings settings = new Rig().wire(new RdmaSettings.Wire(0, 7, 7, relaxed)).settings();
      try (FakeRegistrar device = new FakeRegistrar();
          Arena arena = Arena.ofShared()) {
        Regions regions = new Regions(device, new GpuWay.None("none", false), settings);
        try (Region region = regions.register(arena.allocate(100), MemoryPlace.HOST)) {
          assertEquals(100, region.memory().byteSize());
          int further = relaxed ? 1 << 20 : 0;
          assertEquals(Abi.LOCAL_WRITE | further, device.open.getFirst().access());
        }
        assertEquals(List.of(), device.open);
      }
    }
  }

  @Test
  void withoutAWayMemoryOfAGpuIsRefusedWithTheRemedy() {
    try (FakeRegistrar device = new FakeRegistrar();
        Arena arena = Arena.ofShared()) {
      Regions regions =
          new Regions(device, new GpuWay.None("no driver", false), new Rig().settings());
      PagodaException refused = assertThrows(
          PagodaException.class, () -> regions.register(arena.allocate(100), FIRST).close());
      assertTrue(String.valueOf(refused.getMessage()).contains("no driver"), refused::toString);
      assertTrue(String.valueOf(refused.getMessage()).contains("host memory"), refused::toString);
    }
  }

  /** What a peer with the token would be told. */
  static Lease told(RdmaGrant grant, int rights) {
    Lease lease = new Lease(1, new byte[16]);
    byte[] table = grant.table();
    ByteBuffer in = ByteBuffer.allocate(36 + table.length).order(ByteOrder.LITTLE_ENDIAN);
    in.putInt(rights).putInt(0).putLong(1L << 30).putLong(READABLE).putInt(READABLE_KEY);
    in.putInt(table.length).putInt(0).put(table).flip();
    assertTrue(lease.take(in));
    return lease;
  }

  @Test
  void eachGpuIsFlushedOnceBehindABatchByAKeyThatReadsOneByte() {
    try (FakeRegistrar device = new FakeRegistrar();
        Arena arena = Arena.ofShared()) {
      Regions regions =
          new Regions(device, new GpuWay.PeerMemory(FakeCudaNative.NOTHING), new Rig().settings());
      Timers timers = new Timers("test");
      Grants grants = new Grants(UUID.randomUUID(), regions, timers, 0, InstantSource.system());
      List<Region> four = new ArrayList<>();
      for (MemoryPlace place : List.of(MemoryPlace.HOST, FIRST, SECOND, FIRST)) {
        four.add(regions.register(arena.allocate(8_192), place));
      }
      device.open.clear();
      RdmaGrant grant = grants.open(
          new GrantTerms(
              four.stream().map(Window::of).toList(), Set.of(Right.WRITE), Duration.ofHours(1), 0),
          GrantListener.NONE);
      List<FakeRegistrar.Call> bytes =
          device.open.stream().filter(one -> one.bytes() == 1).toList();
      assertEquals(3, bytes.size(), "one for each window of a GPU");
      bytes.forEach(one -> assertEquals(Abi.REMOTE_READ, one.access()));
      device.open.stream()
          .filter(one -> one.bytes() > 1)
          .forEach(one -> assertEquals(Abi.REMOTE_WRITE | Abi.LOCAL_WRITE, one.access()));
      assertEquals(5, device.open.stream().filter(FakeRegistrar.Call::gpu).count() - 1);
      Lease lease = told(grant, Right.WRITE.bit());
      Region local = four.getFirst();
      assertArrayEquals(new int[0], lease.flushed(batch(local, grant, 0, 0)));
      assertArrayEquals(new int[] {3}, lease.flushed(batch(local, grant, 0, 1, 3)));
      assertArrayEquals(new int[] {1, 2}, lease.flushed(batch(local, grant, 2, 1, 0)));
      FakeRegistrar.Call last = bytes.getLast();
      assertEquals(
          List.of(
              new FlushRead.From(0, last.address(), last.key()),
              new FlushRead.From(5, last.address(), last.key())),
          lease.behind(batch(local, grant, 3, 0), 1 | 1 << 5));
      grant.revoke().toCompletableFuture().join();
      assertEquals(List.of(), device.open, "with a grant, its bytes to be read end, too");
      timers.close();
    }
  }

  private static RemoteBatch batch(Region local, RdmaGrant grant, int... windows) {
    long[] lengths = new long[windows.length];
    Arrays.fill(lengths, 8);
    return new RemoteBatch(
        Direction.WRITE, List.of(local), new Side(new long[windows.length]), grant.metadata(),
        new Side(windows, new long[windows.length]), lengths);
  }

  @Test
  void whatIsReadOfAGpuIsNotFlushed() {
    try (FakeRegistrar device = new FakeRegistrar();
        Arena arena = Arena.ofShared()) {
      Regions regions =
          new Regions(device, new GpuWay.PeerMemory(FakeCudaNative.NOTHING), new Rig().settings());
      Timers timers = new Timers("test");
      Grants grants = new Grants(UUID.randomUUID(), regions, timers, 0, InstantSource.system());
      Region gpu = regions.register(arena.allocate(8_192), FIRST);
      RdmaGrant grant = grants.open(
          new GrantTerms(
              List.of(Window.of(gpu)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
          GrantListener.NONE);
      Lease lease = told(grant, Right.WRITE.bit() | Right.READ.bit());
      RemoteBatch read = new RemoteBatch(
          Direction.READ, gpu, new long[1], grant.metadata(), new long[1], new long[] {8});
      assertEquals(List.of(), lease.behind(read, 7));
      assertArrayEquals(new int[] {0}, lease.flushed(batch(gpu, grant, 0)));
      grant.revoke().toCompletableFuture().join();
      timers.close();
    }
  }

  @Test
  void aFlushIsOneReadOfAByteOnTheQueue() throws IOException {
    int[] done = {0};
    try (FakeVerbsNative device = new FakeVerbsNative(64)) {
      Lane lane = new Lane(new FfmWorkRing(device.qp(), 32, 7), 7, 64, Long.MAX_VALUE);
      lane.add(new FlushRead(new FlushRead.From(0, 1L << 41, 5), 4_096, 6, () -> done[0]++));
      lane.pump();
      assertEquals(1, device.posted.size());
      var read = device.posted.getFirst();
      assertEquals(
          new FakeVerbsNative.Request(read.id(), Abi.READ, Abi.SIGNALED, 4_096, 1, 6, 1L << 41, 5),
          read);
      Lane.Over over = new Lane.Over();
      assertEquals(1, lane.completed(0, over));
      ((Work) java.util.Objects.requireNonNull(over.owners[0])).done(over.bytes[0]);
      assertEquals(1, done[0]);
      assertTrue(lane.idle());
      lane.close();
    }
  }
}
