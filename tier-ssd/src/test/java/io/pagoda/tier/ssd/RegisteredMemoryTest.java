package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.HubNeighbour;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisteredMemoryTest {
  /** Operations are of 16 KiB: some lie in one piece, and some across two. */
  private static final int PIECE = 24 << 10;

  private static final int[] SLOTS = IntStream.range(0, 8).toArray();

  @TempDir private Path directory;

  @Test
  void movesTheSameBytesAsOrdinaryMemory() {
    SsdSettings settings = Rig.settings(Engine.IO_URING, 8, directory);
    try (var host = new HostMemory(Rig.BLOCK, SLOTS)) {
      MemorySegment all = host.batch().memory();
      var port = new AtomicReference<RingPort>();
      try (var tier = Rig.open(settings, own -> told(own, port, all))) {
        assertEquals(all.byteSize(), registered(port.get(), all.byteSize()));
        for (int age = 1; age <= 3; age++) {
          assertEquals(BatchResult.COMPLETE, Rig.store(tier, host.fill(age).batch()));
          Rig.expect(tier, age, SLOTS);
          host.fill(age + 100);
          assertEquals(BatchResult.COMPLETE, Rig.load(tier, host.batch()));
          host.check(age);
          Rig.fill(tier, age + 10, SLOTS);
          assertEquals(BatchResult.COMPLETE, Rig.load(tier, host.batch()));
          host.check(age + 10);
        }
      }
    }
  }

  private static IoPort told(IoPort port, AtomicReference<RingPort> kept, MemorySegment memory) {
    kept.set((RingPort) port);
    port.hostMemory(memory, PIECE);
    return port;
  }

  @Test
  void findsTheBufferOfAStretchWithinAPiece() {
    SsdSettings settings = Rig.settings(Engine.IO_URING, 8, directory);
    try (var arena = Arena.ofShared();
        var port = RingPort.open(List.of(directory.resolve("file")), settings, "test")) {
      MemorySegment memory = arena.allocate(3 * PIECE + 4096, 4096);
      long at = memory.address();
      assertEquals(RegisteredMemory.NONE, buffer(port, at, 4096));
      port.hostMemory(memory, PIECE);
      assertEquals(memory.byteSize(), registered(port, memory.byteSize()));
      assertEquals(0, buffer(port, at, PIECE));
      assertEquals(RegisteredMemory.NONE, buffer(port, at, PIECE + 1));
      assertEquals(RegisteredMemory.NONE, buffer(port, at - 1, 2));
      assertEquals(RegisteredMemory.NONE, buffer(port, at + PIECE - 1, 2));
      assertEquals(2, buffer(port, at + 2 * PIECE, PIECE));
      assertEquals(3, buffer(port, at + 3 * PIECE, 4096));
      assertEquals(RegisteredMemory.NONE, buffer(port, at + 3 * PIECE, 4097));
    }
  }

  /** Each ring finds its own descriptor among those of others. */
  @Test
  void manyRingsAtATimeRegisterMemory() {
    SsdSettings settings = Rig.settings(Engine.IO_URING, 8, directory);
    try (var arena = Arena.ofShared();
        var one = RingPort.open(List.of(directory.resolve("one")), settings, "one");
        var two = RingPort.open(List.of(directory.resolve("two")), settings, "two")) {
      MemorySegment memory = arena.allocate(2 * PIECE, 4096);
      two.hostMemory(memory, PIECE);
      one.hostMemory(memory, PIECE);
      assertEquals(memory.byteSize(), registered(one, memory.byteSize()));
      assertEquals(memory.byteSize(), registered(two, memory.byteSize()));
    }
  }

  @Test
  void noBlockLiesAcrossTwoPieces() {
    assertEquals(256L << 20, RegisteredMemory.pieceBytes(1 << 20));
    assertEquals(0, RegisteredMemory.pieceBytes(10_007 * 4096) % (10_007 * 4096));
    assertEquals(300L << 20, RegisteredMemory.pieceBytes(300L << 20));
  }

  @Test
  void aTierThroughThePageCacheHasNoUseForIt() {
    for (Engine engine : List.of(Engine.IO_URING, Engine.FILE_CHANNEL)) {
      var settings = new SsdSettings(
          List.of(directory.resolve(engine.name())), 8, 10_007, 8, 16, engine, false, false);
      try (var host = new HostMemory(10_007, SLOTS);
          var tier = Rig.open(settings)) {
        tier.ability(HubNeighbour.class).orElseThrow().meet(host.batch().memory());
        assertEquals(BatchResult.COMPLETE, Rig.store(tier, host.fill(1).batch()));
        Rig.expect(tier, 1, SLOTS);
      }
    }
  }

  @Test
  void nothingIsRegisteredWhereSettingsSayNo() {
    SsdSettings settings = Rig.settings(Engine.IO_URING, 8, directory);
    IoShape auto = Rig.shape(settings);
    var off = new IoShape(
        auto.alignment(), auto.ioBytes(), auto.bounceBytes(), auto.bounces(), auto.queueDepth(),
        auto.pace(), false);
    try (var host = new HostMemory(Rig.BLOCK, SLOTS)) {
      assertEquals(host.batch().memory().byteSize(), registeredOfHub(settings, auto, host));
      assertEquals(0, registeredOfHub(settings, off, host));
    }
  }

  private static long registeredOfHub(SsdSettings settings, IoShape shape, HostMemory host) {
    var port = new AtomicReference<RingPort>();
    try (var tier = SsdTier.open(settings, shape, "test", own -> {
      port.set((RingPort) own);
      return own;
    })) {
      tier.ability(HubNeighbour.class).orElseThrow().meet(host.batch().memory());
      assertEquals(BatchResult.COMPLETE, Rig.store(tier, host.fill(1).batch()));
      Rig.expect(tier, 1, SLOTS);
      return onItsThread(port.get(), RegisteredMemory::registered);
    }
  }

  /** {@return how much is registered, when it is as much as expected or time is up} */
  private static long registered(RingPort port, long expected) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    long registered = onItsThread(port, RegisteredMemory::registered);
    while (registered < expected && System.nanoTime() < end) {
      registered = onItsThread(port, RegisteredMemory::registered);
    }
    return registered;
  }

  private static int buffer(RingPort port, long address, int bytes) {
    return onItsThread(port, memory -> memory.buffer(address, bytes));
  }

  private static <T> T onItsThread(RingPort port, Function<RegisteredMemory, T> asked) {
    var answer = new CompletableFuture<T>();
    port.execute(() -> answer.complete(asked.apply(port.registered())));
    return answer.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
