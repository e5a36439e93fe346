package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Operation;
import io.pagoda.OperationEnd;
import io.pagoda.OperationTerms;
import io.pagoda.ReadOperation;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.connect.StagingMemory;
import io.pagoda.core.connect.TransportConnector;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.transport.Transport;
import io.pagoda.transport.tcp.OpenSockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GPU memory goes from connector to connector by sockets, byte for byte, however it is copied. */
@OnGpu
@Timeout(300)
class CudaStagingTest {
  private static final long[] SIZES =
      {1, 15, 4_097, 65_536, 1_000_003, 1 << 20, (24 << 20) + 77, 33};
  private static final long GUARD = 61; // nothing lies on a boundary behind it
  private static final long BUDGET = 128 << 20;
  private static final OperationTerms TERMS = OperationTerms.within(Duration.ofMinutes(2)).verify();

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());

  /** Remembers what was taken from it. */
  private record Kept(Arena arena, List<MemorySegment> taken) implements Arena {
    @Override
    public MemorySegment allocate(long bytes, long alignment) {
      MemorySegment memory = arena.allocate(bytes, alignment);
      taken.add(memory);
      return memory;
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  private record Side(Transport transport, TransportConnector connector) implements AutoCloseable {
    static Side open(String name, CudaDevice device, Arena arena) {
      var settings = new ConnectorSettings(
          name, TERMS, true, Duration.ofSeconds(20), Optional.empty(), List.of(device.uuid()));
      Transport transport = OpenSockets.open(name);
      var connector = new TransportConnector(
          settings, List.of(Preference.open(transport)),
          new StagingMemory(arena, BUDGET, List.of(device)));
      return new Side(transport, connector);
    }

    @Override
    public void close() {
      connector.close();
      transport.close();
    }
  }

  private static void complete(Operation... operations) throws Exception {
    for (Operation operation : operations) {
      OperationEnd end = operation.settled().toCompletableFuture().get(120, TimeUnit.SECONDS);
      assertTrue(end.completed(), end::toString);
    }
  }

  private static long whole() {
    long bytes = GUARD;
    for (long size : SIZES) {
      bytes += size + GUARD;
    }
    return bytes;
  }

  private static List<Descriptor> stretches(DeviceMemory memory) {
    List<Descriptor> stretches = new ArrayList<>();
    long at = memory.segment().address() + GUARD;
    for (long size : SIZES) {
      stretches.add(Descriptor.of(at, size, Device.cuda(0)));
      at += size + GUARD;
    }
    return stretches;
  }

  @ParameterizedTest
  @EnumSource(CopyPath.class)
  void memoryOfAGpuGoesThereAndBack(CopyPath path) throws Exception {
    Census census;
    try (Kept arena = new Kept(Arena.ofShared(), new CopyOnWriteArrayList<>());
        CudaDevice device = CudaDevice.open(new CudaSettings("", 4, path, 8 << 20), "gpu")) {
      census = device.context.census;
      try (Side there = Side.open("there", device, arena);
          Side here = Side.open("here", device, arena);
          DeviceMemory far = device.allocate(whole());
          DeviceMemory near = device.allocate(whole())) {
        there.connector.register(stretches(far).getLast()).close();
        here.connector.register(stretches(near).getLast()).close();
        arena.taken.forEach(memory -> Host.awaitPinned(device, memory));
        for (int round = 0; round < 3; round++) {
          compare(device, there, here, far, near, seed + round);
        }
        assertEquals(0, there.connector.use().stagedBytes());
        assertEquals(0, here.connector.use().stagedBytes());
      }
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  /** Reads what is there, then writes something else back, each between guards. */
  private static void compare(
      CudaDevice device, Side there, Side here, DeviceMemory far, DeviceMemory near, long seed)
      throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(whole());
      MemorySegment target = arena.allocate(whole());
      fill(device, far, source, seed);
      fill(device, near, target, ~seed);
      var readable = there.connector.createReadable(stretches(far), TERMS);
      ReadOperation read = here.connector.beginRead(readable.metadata(), stretches(near), TERMS);
      complete(read, readable);
      assertTrue(read.path().detail().startsWith("staged through"), read.path()::toString);
      check(device, near, source, target, "read, seed " + seed);

      fill(device, near, target, seed + 77);
      var writable = there.connector.createWritable(stretches(far), TERMS);
      complete(here.connector.beginWrite(stretches(near), writable.metadata(), TERMS), writable);
      check(device, far, target, source, "written, seed " + seed);
    }
  }

  private static void fill(CudaDevice device, DeviceMemory to, MemorySegment with, long seed) {
    Host.fill(with, seed);
    Host.write(device, to, with);
  }

  /** Asserts that stretches are as {@code moved} has them, and all else as {@code before}. */
  private static void check(
      CudaDevice device, DeviceMemory found, MemorySegment moved, MemorySegment before,
      String what) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment wanted = arena.allocate(whole()).copyFrom(before);
      long at = GUARD;
      for (long size : SIZES) {
        MemorySegment.copy(moved, at, wanted, at, size);
        at += size + GUARD;
      }
      MemorySegment is = arena.allocate(whole());
      Host.read(device, found, is);
      assertEquals(-1, wanted.mismatch(is), what);
    }
  }
}
