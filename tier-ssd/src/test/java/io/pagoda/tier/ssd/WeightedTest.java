package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiers over devices of different sizes. */
class WeightedTest {
  @TempDir private Path directory;

  private SsdSettings settings(int... slots) {
    Device[] devices = new Device[slots.length];
    Arrays.setAll(devices, i -> new Device(place(i), slots[i]));
    return Vault.settings(Durability.CRASH, 1, directory).on(devices);
  }

  private Path place(int device) {
    return directory.resolve("device-" + device);
  }

  private static Map<Integer, Long> fill(SsdSettings settings) {
    Map<Integer, Long> names = new TreeMap<>();
    try (var vault = Vault.open(settings)) {
      for (int slot = 0; slot < settings.slots(); slot++) {
        names.put(slot, 100L + slot);
        assertEquals(BatchResult.COMPLETE, vault.store(slot, 100L + slot));
      }
    }
    return names;
  }

  private static void expect(SsdSettings settings, Map<Integer, Long> names) {
    try (var vault = Vault.open(settings)) {
      assertEquals(names, vault.names());
      vault.found().values().forEach(block -> assertTrue(vault.verifies(block), block::toString));
    }
  }

  private static String refusal(SsdSettings settings) {
    var refused = assertThrows(PagodaException.class, () -> Vault.open(settings).close());
    return String.valueOf(refused.getMessage());
  }

  @RepeatedTest(5)
  void findsItsBlocksAgain() throws IOException {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    int[] slots = new int[2 + random.nextInt(3)];
    Arrays.setAll(slots, _ -> 1 + random.nextInt(20));
    SsdSettings settings = settings(slots);
    Map<Integer, Long> names = fill(settings);
    expect(settings, names);
    for (int i = 0; i < slots.length; i++) {
      long bytes = 0;
      try (var files = Files.newDirectoryStream(place(i), "slots-*")) {
        for (Path file : files) {
          bytes += Files.size(file);
        }
      }
      assertEquals((long) slots[i] * Vault.BLOCK, bytes, "seed " + seed);
    }
    expect(settings(Arrays.stream(slots).map(one -> 3 * one).toArray()), names);
  }

  @Test
  void namesTheOrderInWhichDevicesWere() {
    Map<Integer, Long> names = fill(settings(7, 3));
    var swapped = settings(7, 3).on(new Device(place(1), 3), new Device(place(0), 7));
    String message = refusal(swapped);
    assertTrue(
        message.contains("another order than before, which was [" + place(0) + ", " + place(1)),
        message);
    expect(settings(7, 3), names);
  }

  @Test
  void namesDevicesThatChanged() throws IOException {
    Map<Integer, Long> names = fill(settings(7, 3));
    String larger = refusal(settings(8, 3));
    assertTrue(larger.contains("hold [7, 3] blocks, and the settings make that [8, 3]"), larger);
    assertTrue(larger.contains("by the same factor"), larger);
    String smaller = refusal(settings(7, 2));
    assertTrue(smaller.contains("a larger tier of 10 blocks"), smaller);
    String fewer = refusal(settings(7));
    assertTrue(fewer.contains("2 directories, and the settings make that 1"), fewer);
    String more = refusal(settings(7, 3, 1));
    assertTrue(more.contains("2 directories, and the settings make that 3"), more);
    Path moved = directory.resolve("elsewhere");
    Files.move(place(1), moved);
    String missing = refusal(settings(7, 3));
    assertTrue(missing.contains(place(1) + " has no superblock"), missing);
    assertTrue(missing.contains("mounted"), missing);
    expect(settings(7, 3).on(new Device(place(0), 7), new Device(moved, 3)), names);
  }

  @Test
  void oneDirectoryUnderTwoNamesIsRefused() throws IOException {
    Files.createDirectory(place(0));
    Files.createSymbolicLink(place(1), place(0));
    String message = refusal(settings(7, 3));
    assertTrue(message.contains("That is this process"), message);
    assertTrue(message.contains("name it twice"), message);
    fill(settings(7));
  }

  /** The disk of one device is full: what lies on the other is stored all the same. */
  @Test
  void aFullDeviceCostsItsOwnBlocks() throws IOException {
    int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
    Files.createDirectory(place(0));
    try (var disk = new SmallDisk(place(1), "1m")) {
      var devices = new Device[] {new Device(place(0), 3), new Device(disk.path(), 20)};
      var settings = Rig.settings(Engine.AUTO, 1, directory).on(devices).buffered();
      try (var tier = Rig.open(settings);
          var source = new HostMemory(Rig.BLOCK, all)) {
        var partial =
            assertInstanceOf(BatchResult.Partial.class, Rig.store(tier, source.fill(1).batch()));
        String message = String.valueOf(partial.cause().getMessage());
        assertTrue(message.contains("ENOSPC") && message.contains(disk.path().toString()), message);
        for (int slot : all) {
          boolean onFirst = settings.layout().directory(slot) == 0;
          assertFalse(onFirst && partial.missed().get(slot), "slot " + slot);
          if (!partial.missed().get(slot)) {
            Rig.expect(tier, 1, slot);
          }
        }
      }
    }
  }

  /** What a tier of version 1 wrote, whose directories are of one size. */
  @Test
  void readsTheFormatBeforeThereWereWeights() throws IOException {
    Map<Integer, Long> names = fill(settings(4, 3));
    for (int i = 0; i < 2; i++) {
      makeVersionOne(place(i).resolve(Superblock.FILE));
    }
    expect(settings(4, 3), names);
    assertTrue(refusal(settings(5, 3)).contains("[4, 3]"));
    expect(settings(5, 4), names);
    expect(settings(5, 4), names);
  }

  private static void makeVersionOne(Path file) throws IOException {
    byte[] old = Arrays.copyOf(Files.readAllBytes(file), 4096 + 128);
    ByteBuffer bytes = ByteBuffer.wrap(old).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(8, 1);
    Arrays.fill(old, 76, 4096, (byte) 0);
    var crc = new CRC32C();
    crc.update(old, 0, 124);
    bytes.putInt(124, (int) crc.getValue());
    System.arraycopy(old, 0, old, 4096, 128);
    Files.write(file, old);
  }

  /** The table of devices is under a CRC, and there twice. */
  @Test
  void aDamagedTableIsADamagedSuperblock() throws IOException {
    Map<Integer, Long> names = fill(settings(7, 3));
    Path file = place(0).resolve(Superblock.FILE);
    flip(file, 128 + 4);
    expect(settings(7, 3), names);
    flip(file, 4096 + 128 + 4);
    assertTrue(refusal(settings(7, 3)).contains(file + " is damaged"));
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }
}
