package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tier hands over after a restart, and what it refuses to open. */
class KeepingTest {
  @TempDir private Path root;
  private Path a;
  private Path b;
  private SsdSettings settings;

  @BeforeEach
  void name() {
    a = root.resolve("a");
    b = root.resolve("b");
    settings = Vault.settings(Durability.CRASH, 23, a, b);
  }

  private static void expect(Vault vault, Object... slotsAndNames) {
    var expected = new TreeMap<Integer, Long>();
    for (int i = 0; i < slotsAndNames.length; i += 2) {
      expected.put((Integer) slotsAndNames[i], ((Integer) slotsAndNames[i + 1]).longValue());
    }
    assertEquals(expected, vault.names());
    vault.found().values().forEach(block -> assertTrue(vault.verifies(block), block::toString));
  }

  private void stored(int... slotsAndNames) {
    try (var vault = Vault.open(settings)) {
      for (int i = 0; i < slotsAndNames.length; i += 2) {
        assertEquals(BatchResult.COMPLETE, vault.store(slotsAndNames[i], slotsAndNames[i + 1]));
      }
    }
  }

  private static String refusal(SsdSettings other) {
    return refusal(other, Vault.SHAPE);
  }

  private static String refusal(SsdSettings other, SealShape shape) {
    var e = assertThrows(PagodaException.class, () -> Vault.open(other, shape).close());
    assertEquals(Fault.PERMANENT, e.fault());
    return String.valueOf(e.getMessage());
  }

  private static SsdSettings reset(SsdSettings of) {
    return of.keeping(of.durability(), OnMismatch.RESET);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void handsOverWhatWasStored(Engine engine) {
    for (Durability durability : new Durability[] {Durability.CRASH, Durability.POWER}) {
      Path own = root.resolve(durability.name());
      var kept = new SsdSettings(
          java.util.List.of(own.resolve("a"), own.resolve("b"), own.resolve("c")), 50, Vault.BLOCK,
          7, 16, engine, true, false).keeping(durability, OnMismatch.REFUSE);
      int[] slots = IntStream.range(0, 50).filter(i -> i % 7 != 3).toArray();
      long[] names = LongStream.range(100, 100 + slots.length).toArray();
      try (var vault = Vault.open(kept)) {
        assertEquals(Map.of(), vault.names());
        assertEquals(BatchResult.COMPLETE, vault.store(slots, names));
      }
      for (int round = 0; round < 2; round++) {
        try (var vault = Vault.open(kept)) {
          assertEquals(slots.length, vault.found().size());
          for (int i = 0; i < slots.length; i++) {
            var block = vault.found(slots[i]);
            assertEquals(names[i], block.name());
            assertTrue(vault.verifies(block));
          }
        }
      }
    }
  }

  @Test
  void forgetsAtCloseUnlessItKeeps() throws IOException {
    var none = Vault.settings(Durability.NONE, 8, a);
    try (var tier = SsdTier.open(none, "t")) {
      assertTrue(tier.ability(Recoverable.class).isEmpty());
    }
    assertEquals(java.util.List.of("pagoda.lock"), filesIn(a));
    // Nobody recovers it: nobody would find what it kept.
    try (var tier = SsdTier.open(Vault.settings(Durability.CRASH, 8, a), "t")) {
      Rig.fill(tier, 1, 3);
      Rig.expect(tier, 1, 3);
    }
    assertEquals(java.util.List.of("pagoda.lock"), filesIn(a));
    stored(1, 1);
    SsdTier.open(settings, "t").close();
    try (var vault = Vault.open(settings)) {
      expect(vault, 1, 1);
    }
    SsdTier.open(Vault.settings(Durability.NONE, 23, a, b), "t").close();
    assertEquals(java.util.List.of("pagoda.lock"), filesIn(a));
  }

  private static java.util.List<String> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void handsOverTheLastOfASlotAndAllOfAKeyByAge() {
    stored(1, 1, 2, 2, 1, 3, 4, 2, 1, 5);
    try (var vault = Vault.open(settings)) {
      expect(vault, 1, 5, 2, 2, 4, 2);
      assertTrue(vault.found(2).generation() < vault.found(4).generation());
      assertEquals(BatchResult.COMPLETE, vault.store(9, 2));
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 1, 5, 2, 2, 4, 2, 9, 2);
      assertTrue(vault.found(4).generation() < vault.found(9).generation());
      var generations = new HashSet<Long>();
      vault.found().values().forEach(block -> generations.add(block.generation()));
      assertEquals(4, generations.size());
    }
  }

  @Test
  void forgetsWhatItIsToldTo() {
    stored(0, 1, 1, 2, 2, 3, 3, 4, 22, 5);
    try (var vault = Vault.open(settings)) {
      for (int slot : new int[] {0, 2, 3, 17, 22}) {
        vault.keeper().forget(slot);
      }
      vault.store(2, 30);
      vault.store(4, 40);
      vault.keeper().forget(4);
      assertThrows(IndexOutOfBoundsException.class, () -> vault.keeper().forget(23));
      assertThrows(IndexOutOfBoundsException.class, () -> vault.keeper().forget(-1));
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 1, 2, 2, 30);
    }
  }

  @Test
  void forgetsAll() {
    stored(0, 1, 1, 2, 2, 3);
    try (var vault = Vault.open(settings)) {
      vault.keeper().forgetAll().toCompletableFuture().join();
      vault.store(2, 4);
      vault.keeper().forgetAll().toCompletableFuture().join();
      vault.store(1, 5);
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 1, 5);
      vault.store(0, 6);
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 6, 1, 5);
    }
  }

  /** Its block is no longer what was sealed. */
  @Test
  void givesUpASlotThatIsStoredToWithoutSeals() {
    stored(0, 1, 1, 2, 2, 3);
    try (var vault = Vault.open(settings);
        var arena = Arena.ofShared()) {
      var memory = arena.allocate(Vault.BLOCK, 4096);
      var whole = BlockBatch.withoutKeys(memory, new long[1], new int[] {1}, Vault.BLOCK);
      var part = BlockBatch.withoutKeys(memory, new long[1], new int[] {2}, Vault.BLOCK);
      assertEquals(BatchResult.COMPLETE, Rig.store(vault.tier(), whole));
      assertEquals(BatchResult.COMPLETE, Rig.store(vault.tier(), part.range(100, 10)));
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1);
    }
  }

  @Test
  void refusesMisuse() {
    stored(0, 1);
    try (var tier = SsdTier.open(settings, "t");
        var arena = Arena.ofShared()) {
      var batch = Vault.batch(arena, new int[] {1}, 7);
      assertThrows(IllegalStateException.class, () -> tier.store(batch, _ -> {}));
      var keeper = tier.ability(Recoverable.class).orElseThrow();
      assertThrows(IllegalStateException.class, () -> keeper.forget(0));
      assertThrows(IllegalStateException.class, keeper::forgetAll);
      keeper.recover(Vault.SHAPE, (_, _, _, _, _) -> {});
      assertThrows(
          IllegalStateException.class, () -> keeper.recover(Vault.SHAPE, (_, _, _, _, _) -> {}));
      var part = batch.range(0, 4096).sealed(batch.seals().orElseThrow());
      assertThrows(IllegalArgumentException.class, () -> tier.store(part, _ -> {}));
    }
    Recoverable closed;
    try (var vault = Vault.open(settings)) {
      closed = vault.keeper();
    }
    assertThrows(IllegalStateException.class, () -> closed.forget(0));
    assertThrows(IllegalStateException.class, closed::forgetAll);
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1);
    }
  }

  @Test
  void growsAndDoesNotShrink() {
    stored(0, 1, 22, 2);
    String larger = refusal(Vault.settings(Durability.CRASH, 22, a, b));
    assertTrue(larger.contains("23 blocks, and the settings make that 22"), larger);
    var grown = Vault.settings(Durability.POWER, 61, a, b);
    try (var vault = Vault.open(grown)) {
      expect(vault, 0, 1, 22, 2);
      vault.store(new int[] {60, 41}, 3, 4);
    }
    try (var vault = Vault.open(grown)) {
      expect(vault, 0, 1, 22, 2, 41, 4, 60, 3);
    }
    assertTrue(refusal(settings).contains("61 blocks"));
  }

  @Test
  void refusesOtherGeometryAndNamesBoth() {
    stored(0, 1);
    assertMessage(settingsWith(4096, 5, a, b), "8192 bytes, and the settings make that 4096");
    assertMessage(settingsWith(Vault.BLOCK, 6, a, b), "5 blocks per file", "make that 6");
    assertMessage(settingsWith(Vault.BLOCK, 5, a), "2 directories, and the settings make that 1");
    assertMessage(
        settingsWith(Vault.BLOCK, 5, b, a), "another order", "which was [" + a + ", " + b + "]");
    assertMessage(settingsWith(Vault.BLOCK, 5, a, root.resolve("c")), "c has no superblock");
    String shape = refusal(settings, new SealShape(4, 0x0dd));
    assertTrue(shape.contains("layout=" + 0x5ea1) && shape.contains("layout=" + 0x0dd), shape);
    String sums = refusal(settings, new SealShape(7, 0x5ea1));
    assertTrue(sums.contains("checksums=4") && sums.contains("checksums=7"), sums);
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1);
    }
  }

  private static SsdSettings settingsWith(long blockBytes, int slotsPerFile, Path... directories) {
    return new SsdSettings(
        java.util.List.of(directories), 23, blockBytes, slotsPerFile, 32, Engine.FILE_CHANNEL,
        false, false).keeping(Durability.CRASH, OnMismatch.REFUSE);
  }

  private static void assertMessage(SsdSettings other, String... parts) {
    String message = refusal(other);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(message.contains("on-mismatch = reset"), message);
  }

  @Test
  void refusesADirectoryOfAnotherTier() {
    stored(0, 1);
    Path c = root.resolve("c");
    Vault.open(Vault.settings(Durability.CRASH, 23, c, root.resolve("d"))).close();
    String message = refusal(Vault.settings(Durability.CRASH, 23, c, b));
    assertTrue(message.contains("another directory is of tier"), message);
  }

  @Test
  void beginsEmptyWhenToldTo() {
    stored(0, 1, 1, 2);
    try (var vault = Vault.open(reset(settingsWith(4096, 5, a, b)))) {
      assertEquals(Map.of(), vault.names());
    }
    try (var vault = Vault.open(reset(settings))) {
      assertEquals(Map.of(), vault.names());
      vault.store(3, 4);
    }
    try (var vault = Vault.open(reset(settings), new SealShape(4, 1))) {
      assertEquals(Map.of(), vault.names());
      vault.store(4, 5);
    }
    try (var vault = Vault.open(settings, new SealShape(4, 1))) {
      expect(vault, 4, 5);
    }
  }

  @Test
  void takesAnotherShapeWhenItHoldsNothing() {
    stored(0, 1, 1, 2);
    try (var vault = Vault.open(settings)) {
      vault.keeper().forgetAll().toCompletableFuture().join();
    }
    Vault.open(settings, new SealShape(1, 1)).close();
    try (var vault = Vault.open(settings)) {
      assertEquals(Map.of(), vault.names());
    }
  }

  @Test
  void refusesANewerVersionWhateverItIsTold() throws IOException {
    stored(0, 1);
    Path file = a.resolve(Superblock.FILE);
    byte[] bytes = Files.readAllBytes(file);
    for (int at : new int[] {0, 4096}) {
      bytes[at + 8] = 3;
      var crc = new java.util.zip.CRC32C();
      crc.update(bytes, at, 124);
      ByteBuffer.wrap(bytes)
          .order(java.nio.ByteOrder.LITTLE_ENDIAN)
          .putInt(at + 124, (int) crc.getValue());
    }
    Files.write(file, bytes);
    String message = refusal(reset(settings));
    assertTrue(message.contains(file + " has format version 3"), message);
    assertTrue(message.contains("reads versions 1 and 2"), message);
  }

  /** One byte is made good by the other copy; both copies are needed to be lost. */
  @Test
  void needsOneCopyOfTheSuperblock() throws IOException {
    stored(0, 1);
    Path file = b.resolve(Superblock.FILE);
    flip(file, 33);
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1);
    }
    flip(file, 4096 + 33);
    String message = refusal(settings);
    assertTrue(message.contains(file + " is damaged"), message);
    try (var vault = Vault.open(reset(settings))) {
      assertEquals(Map.of(), vault.names());
    }
  }

  private static void flip(Path file, int at) throws IOException {
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int old = access.read();
      access.seek(at);
      access.write(~old);
    }
  }

  /** The process ended before every directory was ready: there was nothing yet. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void beginsAnewWhenItWasNeverFormed(boolean firstIsReady) throws Exception {
    Vault.open(settings).close();
    Path half = firstIsReady ? b : a;
    Superblock.read(half).orElseThrow().ready(false).replaceIn(half);
    try (var vault = Vault.open(settings)) {
      assertEquals(Map.of(), vault.names());
      vault.store(0, 1);
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1);
    }
  }

  @Test
  void beginsAnewWhenOnlySomeDirectoriesWereBegun() throws Exception {
    Vault.open(settings).close();
    Superblock.read(a).orElseThrow().ready(false).replaceIn(a);
    Files.delete(b.resolve(Superblock.FILE));
    try (var vault = Vault.open(settings)) {
      assertEquals(Map.of(), vault.names());
    }
  }

  @Test
  void missesOnlyWhatIsGone() throws IOException {
    stored(0, 1, 1, 2, 10, 3, 11, 4, 22, 5);
    // Slots 1, 3, 5, 7, 9 and 11, 13, …; b's second file begins with slot 11.
    Files.delete(b.resolve("slots-00000.pagoda"));
    try (var file = new RandomAccessFile(a.resolve("slots-00002.pagoda").toFile(), "rw")) {
      file.setLength(2 * Vault.BLOCK - 1);
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 1, 10, 3, 11, 4);
    }
    Files.delete(a.resolve(SlotDirectory.RECORDS));
    try (var vault = Vault.open(settings)) {
      expect(vault, 11, 4);
    }
  }

  @Test
  void failsStoresWhoseRecordsCannotBeWritten() {
    var broken = new BrokenDisk();
    var power = settings.keeping(Durability.POWER, OnMismatch.REFUSE);
    try (var vault = Vault.open(power, port -> port, broken::before)) {
      for (String step : new String[] {"slots", "write", "records"}) {
        broken.step = step;
        var failed = (BatchResult.Failed) vault.store(new int[] {1, 2}, 1, 2);
        String message = String.valueOf(failed.cause().getMessage());
        assertTrue(message.contains("in slot 1: java.io.IOException: " + step), message);
      }
      broken.step = "superblock";
      assertThrows(
          java.util.concurrent.CompletionException.class,
          () -> vault.keeper().forgetAll().toCompletableFuture().join());
      broken.step = "";
      assertEquals(BatchResult.COMPLETE, vault.store(3, 7));
    }
    try (var vault = Vault.open(power)) {
      vault.found().values().forEach(vault::verifies);
      assertEquals(7, vault.names().get(3));
      vault.keeper().forgetAll().toCompletableFuture().join();
    }
    try (var vault = Vault.open(power)) {
      expect(vault);
    }
  }

  @Test
  void failsStoresWhoseRecordsCannotBeCopied() {
    var broken = new BrokenDisk();
    try (var vault = Vault.open(settings, port -> port, broken::before)) {
      broken.step = "write";
      var failed = (BatchResult.Failed) vault.store(new int[] {1, 2}, 1, 2);
      String message = String.valueOf(failed.cause().getMessage());
      assertTrue(message.contains("in slot 1: java.io.IOException: write"), message);
      broken.step = "";
      assertEquals(BatchResult.COMPLETE, vault.store(3, 7));
      broken.step = "superblock";
      assertThrows(
          java.util.concurrent.CompletionException.class,
          () -> vault.keeper().forgetAll().toCompletableFuture().join());
      vault.keeper().forget(3);
      broken.step = "";
      assertEquals(BatchResult.COMPLETE, vault.store(4, 8));
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 4, 8);
    }
  }

  /** As when somebody cuts the file, or a disk under it is full or gone: not the JVM ends. */
  @Test
  void failsStoresWhoseRecordHasNoPage() throws IOException {
    try (var vault = Vault.open(settings);
        var records = FileChannel.open(
            settings.directories().getFirst().resolve(SlotDirectory.RECORDS),
            StandardOpenOption.WRITE)) {
      long whole = records.size();
      for (int i = 0; i < 4000; i++) {
        assertEquals(BatchResult.COMPLETE, vault.store(0, i)); // until the code is compiled
      }
      records.truncate(0);
      for (int i = 0; i < 3; i++) {
        var failed = (BatchResult.Failed) vault.store(0, 7);
        String message = String.valueOf(failed.cause().getMessage());
        assertTrue(message.contains("was cut"), message);
      }
      records.write(ByteBuffer.allocate(1), whole - 1);
      assertEquals(BatchResult.COMPLETE, vault.store(0, 7));
    }
    try (var vault = Vault.open(settings)) {
      expect(vault, 0, 7);
    }
  }

  /** Fails one of the things that a disk does. */
  private static final class BrokenDisk {
    private volatile String step = "";

    private void at(String here) throws IOException {
      if (here.equals(step)) {
        throw new IOException(here);
      }
    }

    private Disk before(Disk disk) {
      return new PassingDisk(disk) {
        @Override
        public void write(int directory, ByteBuffer records, long position) throws IOException {
          at("write");
          disk.write(directory, records, position);
        }

        @Override
        public void syncRecords(int directory) throws IOException {
          at("records");
          disk.syncRecords(directory);
        }

        @Override
        public void syncSlots(int file) throws IOException {
          at("slots");
          disk.syncSlots(file);
        }

        @Override
        public void replace(Superblock superblock) throws IOException {
          at("superblock");
          disk.replace(superblock);
        }
      };
    }
  }
}
