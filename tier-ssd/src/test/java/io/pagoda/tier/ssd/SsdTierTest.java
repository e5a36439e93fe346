package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(value = Engine.class, names = {"IO_URING", "FILE_CHANNEL"})
record SsdTierTest(Engine engine) {
  private static final int BLOCK = Rig.BLOCK;

  @Test
  void bringsBackWhatWasStored(@TempDir Path directory) {
    int[] slots = IntStream.range(0, 40).toArray();
    try (var tier = Rig.open(Rig.settings(engine, 40, directory))) {
      Rig.fill(tier, 1, slots);
      Rig.fill(tier, 2, 0, 17, 39);
      Rig.expect(tier, 2, 39, 0, 17, 17);
      Rig.expect(tier, 1, IntStream.range(1, 17).toArray());
      Rig.expect(tier, 1, IntStream.range(18, 39).toArray());
    }
  }

  @Test
  void movesBlocksOfAnySizeThroughThePageCache(@TempDir Path directory) {
    var settings = new SsdSettings(List.of(directory), 9, 12_345, 2, 4, engine, false, false);
    int[] slots = {8, 3, 0, 7, 1};
    try (var tier = Rig.open(settings)) {
      Rig.fill(tier, 1, slots);
      Rig.expect(tier, 1, slots);
      loadRange(tier, 1, 4_321, 7_777, slots);
    }
  }

  @Test
  void movesRangesWhetherAlignedOrNot(@TempDir Path directory) {
    long[][] ranges = {{0, 4096}, {4096, 8192}, {0, 1}, {BLOCK - 1, 1}, {1, BLOCK - 1},
      {0, BLOCK - 1}, {4095, 2}, {4096, 5000}, {5000, 3192}, {5000, 50_000}, {8192, BLOCK - 8192}};
    int[] slots = {5, 0, 7, 2, 6, 1, 3, 4};
    try (var tier = Rig.open(Rig.settings(engine, 8, directory))) {
      Rig.fill(tier, 1, slots);
      for (long[] range : ranges) {
        loadRange(tier, 1, range[0], range[1], slots);
      }
      for (long[] range : ranges) {
        storeRange(tier, range[0], range[1], slots);
      }
    }
  }

  private static void loadRange(SsdTier tier, int age, long from, long bytes, int... slots) {
    try (var target = new HostMemory(tier.spec().blockBytes(), slots)) {
      assertEquals(BatchResult.COMPLETE, Rig.load(tier, target.batch().range(from, bytes)));
      for (int i = 0; i < slots.length; i++) {
        target.check(i, from, bytes, age);
      }
    }
  }

  /** Lays a range of generation 2 over generation 1, and looks at the whole block. */
  private static void storeRange(SsdTier tier, long from, long bytes, int... slots) {
    Rig.fill(tier, 1, slots);
    try (var source = new HostMemory(BLOCK, slots);
        var target = new HostMemory(BLOCK, slots)) {
      source.fill(from, bytes, 2);
      assertEquals(BatchResult.COMPLETE, Rig.store(tier, source.batch().range(from, bytes)));
      assertEquals(BatchResult.COMPLETE, Rig.load(tier, target.batch()));
      for (int i = 0; i < slots.length; i++) {
        byte[] expected = HostMemory.block(slots[i], BLOCK, 1);
        byte[] laid = HostMemory.block(slots[i], BLOCK, 2);
        System.arraycopy(laid, (int) from, expected, (int) from, (int) bytes);
        assertEquals(
            -1, target.memory(i).asSlice(0, BLOCK).mismatch(MemorySegment.ofArray(expected)),
            "range " + from + " + " + bytes + " of slot " + slots[i]);
      }
    }
  }

  @Test
  void stripesBlocksOverDirectoriesAndFiles(@TempDir Path a, @TempDir Path b) throws IOException {
    var settings = new SsdSettings(List.of(a, b), 11, BLOCK, 3, 32, engine, true, false);
    int[] slots = IntStream.range(0, 11).toArray();
    try (var tier = Rig.open(settings)) {
      Rig.fill(tier, 1, slots);
      assertEquals(List.of("slots-00000.pagoda", "slots-00001.pagoda"), slotFiles(b));
      byte[] slot7 = read(b.resolve("slots-00001.pagoda"), 0);
      assertArrayEquals(HostMemory.block(7, BLOCK, 1), slot7);
      byte[] slot4 = read(a.resolve("slots-00000.pagoda"), 2L * BLOCK);
      assertArrayEquals(HostMemory.block(4, BLOCK, 1), slot4);
      Rig.expect(tier, 1, slots);
    }
    assertEquals(List.of(), slotFiles(a));
    assertEquals(List.of(), slotFiles(b));
  }

  private static byte[] read(Path file, long position) throws IOException {
    try (var channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
      channel.read(bytes, position);
      return bytes.array();
    }
  }

  private static List<String> slotFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("slots-"))
          .sorted()
          .toList();
    }
  }

  /** Cut in the middle of slot 4, at a place that is no multiple of a page. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 4096, BLOCK - 1})
  void missesTheBlocksOfAFileThatWasCut(int left, @TempDir Path directory) throws IOException {
    int[] slots = {6, 3, 4, 0, 7};
    try (var tier = Rig.open(Rig.settings(engine, 8, directory));
        var target = new HostMemory(BLOCK, slots)) {
      Rig.fill(tier, 1, slots);
      try (
          var file = new RandomAccessFile(directory.resolve("slots-00000.pagoda").toFile(), "rw")) {
        file.setLength(4L * BLOCK + left);
      }
      var partial = assertInstanceOf(BatchResult.Partial.class, Rig.load(tier, target.batch()));
      assertEquals("{0, 2, 4}", partial.missed().toString());
      assertEquals(Fault.PERMANENT, partial.cause().fault());
      String message = String.valueOf(partial.cause().getMessage());
      assertTrue(message.contains("slots-00000.pagoda"), message);
      // Which of the block's four operations ends first is the disk's choice.
      assertTrue(
          IntStream.range(0, 4)
              .mapToObj(i -> " at offset %d of ".formatted(6L * BLOCK + (i << 14)))
              .anyMatch(message::contains),
          message);
      target.check(1, 0, BLOCK, 1);
      target.check(3, 0, BLOCK, 1);
      Rig.fill(tier, 2, slots);
      Rig.expect(tier, 2, slots);
    }
  }

  @Test
  void failsAWholeBatchThatLiesBeyondTheCut(@TempDir Path directory) throws IOException {
    try (var tier = Rig.open(Rig.settings(engine, 8, directory));
        var target = new HostMemory(BLOCK, 6, 7)) {
      Files
          .newByteChannel(
              directory.resolve("slots-00000.pagoda"), java.nio.file.StandardOpenOption.WRITE)
          .truncate(0)
          .close();
      assertInstanceOf(BatchResult.Failed.class, Rig.load(tier, target.batch()));
    }
  }

  @Test
  void servesManyThreadsAtOnce(@TempDir Path a, @TempDir Path b) throws Exception {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    int threads = 8;
    int own = 16;
    try (var tier = Rig.open(Rig.settings(engine, threads * own, a, b));
        var executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int first = i * own;
        work.add(executor.submit(() -> storeAndLoad(tier, first, own, new Random(seed + first))));
      }
      for (Future<?> part : work) {
        part.get();
      }
    } catch (Exception e) {
      throw new AssertionError("repeat with -Dpagoda.seed=" + seed, e);
    }
  }

  /** Eight batches in flight at once from one thread, in random order of slots, several rounds. */
  private static void storeAndLoad(SsdTier tier, int first, int own, Random random) {
    for (int age = 1; age <= 4; age++) {
      List<HostMemory> memories = new ArrayList<>();
      List<CompletableFuture<BatchResult>> results = new ArrayList<>();
      for (int[] slots : batches(first, own, random)) {
        var result = new CompletableFuture<BatchResult>();
        var memory = new HostMemory(BLOCK, slots).fill(age);
        tier.store(memory.batch(), result::complete);
        memories.add(memory);
        results.add(result);
      }
      results.forEach(result -> assertEquals(BatchResult.COMPLETE, Rig.await(result)));
      memories.forEach(HostMemory::close);
      Rig.expect(tier, age, IntStream.range(first, first + own).toArray());
    }
  }

  private static List<int[]> batches(int first, int own, Random random) {
    List<Integer> slots = new ArrayList<>(IntStream.range(first, first + own).boxed().toList());
    java.util.Collections.shuffle(slots, random);
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < own; i += 2) {
      batches.add(new int[] {slots.get(i), slots.get(i + 1)});
    }
    return batches;
  }

  @Test
  void closesWhenWhatIsInFlightHasCompleted(@TempDir Path directory) {
    int[] slots = IntStream.range(0, 200).toArray();
    try (var source = new HostMemory(BLOCK, slots);
        var target = new HostMemory(BLOCK, slots)) {
      var tier = Rig.open(Rig.settings(engine, 200, directory));
      assertEquals(BatchResult.COMPLETE, Rig.store(tier, source.fill(1).batch()));
      var loaded = new CompletableFuture<BatchResult>();
      tier.load(target.batch(), loaded::complete);
      tier.close();
      assertTrue(loaded.isDone());
      assertEquals(BatchResult.COMPLETE, loaded.join());
      target.check(1);
      BlockBatch late = target.batch();
      assertThrows(IllegalStateException.class, () -> tier.load(late, _ -> {}));
      assertThrows(IllegalStateException.class, () -> tier.store(late, _ -> {}));
      tier.close();
    }
  }

  @Test
  void refusesMemoryThatTheKernelCannotUse(@TempDir Path directory) {
    try (var tier = Rig.open(Rig.settings(engine, 2, directory));
        var arena = Arena.ofConfined()) {
      var unaligned = arena.allocate(BLOCK + 4096, 4096);
      var readOnly = arena.allocate(BLOCK, 4096).asReadOnly();
      var heap = MemorySegment.ofArray(new long[BLOCK / 8]);
      assertThrows(IllegalArgumentException.class, () -> tier.load(at(unaligned, 512), _ -> {}));
      assertThrows(IllegalArgumentException.class, () -> tier.load(at(readOnly, 0), _ -> {}));
      assertThrows(IllegalArgumentException.class, () -> tier.store(at(heap, 0), _ -> {}));
    }
  }

  private static BlockBatch at(MemorySegment memory, long offset) {
    return BlockBatch.of(memory, new long[] {offset}, new int[] {0}, new long[2], BLOCK);
  }

  @Test
  void refusesToBeClosedByACompletion(@TempDir Path directory) {
    try (var tier = Rig.open(Rig.settings(engine, 2, directory));
        var memory = new HostMemory(BLOCK, 0)) {
      var closed = new CompletableFuture<BatchResult>();
      tier.store(memory.fill(1).batch(), result -> {
        assertThrows(IllegalStateException.class, tier::close);
        closed.complete(result);
      });
      assertEquals(BatchResult.COMPLETE, Rig.await(closed));
      Rig.expect(tier, 1, 0);
    }
  }

  /** A ragged range is copied by the tier's thread, which must be allowed to. */
  @Test
  void endsABatchWhoseMemoryBelongsToOneThread(@TempDir Path directory) {
    try (var tier = Rig.open(Rig.settings(engine, 2, directory));
        var arena = Arena.ofConfined()) {
      var memory = arena.allocate(BLOCK, 4096);
      var result = Rig.load(tier, at(memory, 0).range(1, 10));
      assertEquals(
          Fault.PERMANENT, assertInstanceOf(BatchResult.Failed.class, result).cause().fault());
      Rig.fill(tier, 1, 1);
      Rig.expect(tier, 1, 1);
    }
  }

  @Test
  void survivesACompletionThatThrows(@TempDir Path directory) {
    try (var tier = Rig.open(Rig.settings(engine, 2, directory));
        var memory = new HostMemory(BLOCK, 0)) {
      var stored = new CompletableFuture<BatchResult>();
      tier.store(memory.fill(1).batch(), result -> {
        stored.complete(result);
        throw new IllegalStateException("a completion that breaks its promise");
      });
      assertEquals(BatchResult.COMPLETE, Rig.await(stored));
      Rig.fill(tier, 1, 1);
      Rig.expect(tier, 1, 0, 1);
    }
  }

  @Test
  void leavesNothingOpen(@TempDir Path directory) throws IOException {
    openAndClose(directory, 2);
    int before = openFiles().size();
    openAndClose(directory, 50);
    List<String> after = openFiles();
    // The JVM may open a file of its own meanwhile.
    assertTrue(after.size() < before + 50, after::toString);
    assertFalse(Files.readString(Path.of("/proc/self/maps")).contains("anon_inode:[io_uring]"));
    for (long end = System.nanoTime() + 60_000_000_000L; !threads().isEmpty();) {
      assertTrue(System.nanoTime() - end < 0, () -> "they do not end: " + threads());
      Thread.onSpinWait();
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces()
        .keySet()
        .stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("pagoda-ssd-"))
        .toList();
  }

  private void openAndClose(Path directory, int times) {
    for (int i = 0; i < times; i++) {
      try (var tier = Rig.open(Rig.settings(engine, 8, directory))) {
        Rig.fill(tier, i, 0, 7);
        loadRange(tier, i, 100, 200, 7);
      }
    }
  }

  private static List<String> openFiles() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(SsdTierTest::target).toList();
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return "gone";
    }
  }
}
