package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that somebody spoilt: what is found is right or is noticed, and what was not spoilt is
 * found.
 */
class CorruptionTest {
  private static final int SLOTS = 24;
  private static final int PER_FILE = 5;
  private static final int RECORD = RecordFormat.bytes(Vault.SHAPE.checksums());

  @TempDir(factory = MemoryDirectory.class) private Path root;

  /** What is in the files, and what is in the slots. */
  private record Image(Map<Path, byte[]> files, Map<Integer, Long> names) {}

  private final Map<Path, byte[]> files = new HashMap<>();
  private final BitSet spoilt = new BitSet();
  private boolean headless;

  private static int trials() {
    return Boolean.getBoolean("pagoda.test.long") ? 10_000 : 400;
  }

  @Test
  void servesNoWrongByte() throws IOException {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var settings = Vault.settings(Durability.CRASH, SLOTS, root.resolve("a"), root.resolve("b"));
    Image older = image(settings, 1);
    Image now = image(settings, 1_000);
    var seen = new TreeMap<String, Integer>();
    for (int trial = 0; trial < trials(); trial++) {
      var random = new Random(seed + trial);
      String what = spoil(now, older, random);
      try {
        String found = look(settings, now, older);
        seen.merge(what + ", " + found, 1, Integer::sum);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed %d, trial %d, %s".formatted(seed, trial, what), e);
      }
    }
    System.out.println(trials() + " spoilt directories, seed " + seed + ":");
    seen.forEach((what, times) -> System.out.printf("%6d %s%n", times, what));
  }

  /** Fills the tier anew, most of it twice, and returns what is in its files. */
  private static Image image(SsdSettings settings, long from) throws IOException {
    var names = new TreeMap<Integer, Long>();
    long name = from;
    try (var vault = Vault.open(settings)) {
      for (int i = 0; i < 2 * SLOTS; i++) {
        int slot = i * 7 % SLOTS;
        vault.store(slot, ++name);
        names.put(slot, name);
      }
    }
    Map<Path, byte[]> files = new HashMap<>();
    for (Path directory : settings.directories()) {
      try (var all = Files.list(directory)) {
        for (Path file : all.filter(one -> !one.endsWith("pagoda.lock")).toList()) {
          files.put(file, Files.readAllBytes(file));
        }
      }
    }
    return new Image(files, names);
  }

  /** Opens what was spoilt, verifies all of it, and says what became of it. */
  private String look(SsdSettings settings, Image now, Image older) {
    try (var vault = Vault.open(settings)) {
      int unverified = 0;
      for (int slot = 0; slot < SLOTS; slot++) {
        Vault.Block block = vault.found().get(slot);
        boolean right = block != null && vault.verifies(block);
        boolean known = block == null
            || now.names().containsValue(block.name())
            || older.names().containsValue(block.name());
        assertTrue(known, () -> "nobody stored " + block);
        assertTrue(right || spoilt.get(slot) || headless, "lost slot " + slot);
        unverified += block != null && !right ? 1 : 0;
      }
      int left = vault.found().size();
      return left == SLOTS && unverified == 0
          ? "nothing is missing"
          : unverified > 0
              ? "a checksum differs"
              : left == 0 ? "all is given up" : "a record is given up";
    } catch (PagodaException e) {
      assertTrue(headless, () -> "refused: " + e.getMessage());
      return "the tier is refused";
    }
  }

  private String spoil(Image now, Image older, Random random) {
    files.clear();
    now.files().forEach((file, bytes) -> files.put(file, bytes.clone()));
    spoilt.clear();
    headless = false;
    String what = spoilOne(older, random);
    write(files);
    return what;
  }

  private String spoilOne(Image older, Random random) {
    int slot = random.nextInt(SLOTS);
    int other = random.nextInt(SLOTS);
    spoilt.set(slot);
    return switch (random.nextInt(11)) {
      case 0 -> flip("a byte of data", slotFile(slot), slotAt(slot), Vault.BLOCK, random);
      case 1 -> flip("a byte of a record", records(slot), recordAt(slot), RECORD, random);
      case 2 -> {
        flip("", slotFile(slot), slotAt(slot), Vault.BLOCK, random);
        yield flip("a byte of data and record", records(slot), recordAt(slot), RECORD, random);
      }
      case 3 -> {
        headless = true;
        yield flip("a byte of a superblock", superblock(slot), 0, 4096 + 128, random);
      }
      case 4 -> {
        headless = true;
        int at = random.nextInt(128);
        flip("", superblock(slot), at, 1, random);
        yield flip("both copies of a superblock", superblock(slot), 4096 + at, 1, random);
      }
      case 5 -> cut(random, false);
      case 6 -> cut(random, true);
      case 7 -> swap(
          "data of two slots", slotFile(slot), slotAt(slot), slotFile(other), slotAt(other),
          Vault.BLOCK, other);
      case 8 -> swap(
          "records of two slots", records(slot), recordAt(slot), records(other), recordAt(other),
          RECORD, other);
      case 9 -> stale("an older record", older, records(slot), recordAt(slot), RECORD);
      default -> stale("older data", older, slotFile(slot), slotAt(slot), Vault.BLOCK);
    };
  }

  private byte[] bytes(Path file) {
    byte[] bytes = files.get(file);
    assertTrue(bytes != null, () -> "there is no " + file);
    return bytes;
  }

  private String flip(String what, Path file, int at, int within, Random random) {
    byte[] bytes = bytes(file);
    bytes[at + random.nextInt(within)] ^= (byte) (1 + random.nextInt(255));
    return what;
  }

  private String swap(String what, Path one, int at, Path two, int where, int bytes, int slot) {
    spoilt.set(slot);
    byte[] kept = java.util.Arrays.copyOfRange(bytes(one), at, at + bytes);
    System.arraycopy(bytes(two), where, bytes(one), at, bytes);
    System.arraycopy(kept, 0, bytes(two), where, bytes);
    return what;
  }

  private String stale(String what, Image older, Path file, int at, int bytes) {
    byte[] old = older.files().getOrDefault(file, new byte[0]);
    System.arraycopy(old, at, bytes(file), at, bytes);
    return what;
  }

  private String cut(Random random, boolean delete) {
    Path file = files.keySet()
        .stream()
        .sorted()
        .skip(random.nextInt(files.size()))
        .findFirst()
        .orElseThrow();
    headless = file.endsWith(Superblock.FILE);
    int length = bytes(file).length;
    int left = delete || length == 0 ? 0 : random.nextInt(length);
    for (int slot = 0; slot < SLOTS; slot++) {
      if ((slotFile(slot).equals(file) && slotAt(slot) + Vault.BLOCK > left)
          || (records(slot).equals(file) && recordAt(slot) + RECORD > left)) {
        spoilt.set(slot);
      }
    }
    if (delete) {
      files.remove(file);
    } else {
      files.put(file, java.util.Arrays.copyOf(bytes(file), left));
    }
    String kind = file.getFileName().toString().replaceAll("-.*|\\..*", "");
    return (delete ? "deleted: " : "cut: ") + kind;
  }

  private void write(Map<Path, byte[]> content) {
    try {
      for (Path directory : new Path[] {root.resolve("a"), root.resolve("b")}) {
        try (var all = Files.list(directory)) {
          for (Path file : all.filter(one -> !content.containsKey(one)).toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
      for (var file : content.entrySet()) {
        Files.write(file.getKey(), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path directory(int slot) {
    return root.resolve(slot % 2 == 0 ? "a" : "b");
  }

  private Path superblock(int slot) {
    return directory(slot).resolve(Superblock.FILE);
  }

  private Path records(int slot) {
    return directory(slot).resolve("records.pagoda");
  }

  private static int recordAt(int slot) {
    return slot / 2 * RECORD;
  }

  private Path slotFile(int slot) {
    return directory(slot).resolve("slots-%05d.pagoda".formatted(slot / 2 / PER_FILE));
  }

  private static int slotAt(int slot) {
    return slot / 2 % PER_FILE * Vault.BLOCK;
  }
}
