package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * A tier that keeps blocks, and what it found when it was opened. Blocks have names, from which
 * their key, their bytes and their parent's key follow.
 */
final class Vault implements AutoCloseable {
  static final int BLOCK = 8 << 10;
  static final SealShape SHAPE = new SealShape(4, 0x5ea1);

  /** A block as the tier handed it over. */
  record Block(int slot, long generation, long keyHigh, long name, Seals seals) {}

  private final SsdTier tier;
  private final Recoverable keeper;
  private final Map<Integer, Block> found = new TreeMap<>();

  private Vault(SsdTier tier, SealShape shape) {
    this.tier = tier;
    try {
      keeper = tier.ability(Recoverable.class).orElseThrow();
      keeper.recover(shape, (slot, generation, high, low, seals) -> {
        Block block = new Block(slot, generation, high, low, seals);
        if (found.put(slot, block) != null) {
          throw new AssertionError("slot " + slot + " was told twice");
        }
      });
    } catch (RuntimeException | Error e) {
      tier.close();
      throw e;
    }
  }

  static SsdSettings settings(Durability durability, int slots, Path... directories) {
    return new SsdSettings(
        List.of(directories), slots, BLOCK, 5, 32, Engine.FILE_CHANNEL, false, false)
        .keeping(durability, OnMismatch.REFUSE);
  }

  static Vault open(SsdSettings settings) {
    return open(settings, SHAPE);
  }

  static Vault open(SsdSettings settings, SealShape shape) {
    return new Vault(SsdTier.open(settings, "vault"), shape);
  }

  static Vault open(SsdSettings settings, UnaryOperator<IoPort> ports, UnaryOperator<Disk> disks) {
    return new Vault(SsdTier.open(settings, IoShape.of(settings), "vault", ports, disks), SHAPE);
  }

  SsdTier tier() {
    return tier;
  }

  Recoverable keeper() {
    return keeper;
  }

  /** {@return the blocks that were handed over, by slot} */
  Map<Integer, Block> found() {
    return found;
  }

  /** {@return the block that was handed over for {@code slot}} */
  Block found(int slot) {
    return Objects.requireNonNull(found.get(slot), () -> "nothing in slot " + slot);
  }

  /** {@return the names of the blocks that were handed over, by slot} */
  Map<Integer, Long> names() {
    var names = new TreeMap<Integer, Long>();
    found.forEach((slot, block) -> names.put(slot, block.name()));
    return names;
  }

  /** Stores blocks, and returns how that ended. */
  BatchResult store(int[] slots, long... names) {
    var result = new CompletableFuture<BatchResult>();
    storing(slots, names, result::complete);
    return Rig.await(result);
  }

  /** Stores one block. */
  BatchResult store(int slot, long name) {
    return store(new int[] {slot}, name);
  }

  /** Begins to store blocks. */
  void storing(int[] slots, long[] names, Completion then) {
    var arena = Arena.ofShared();
    tier.store(batch(arena, slots, names), result -> {
      arena.close();
      then.complete(result);
    });
  }

  /** {@return sealed blocks in memory of {@code arena}} */
  static BlockBatch batch(Arena arena, int[] slots, long... names) {
    MemorySegment memory = arena.allocate((long) BLOCK * slots.length, 4096);
    long[] offsets = new long[slots.length];
    long[] keys = new long[2 * slots.length];
    long[] parents = new long[2 * slots.length];
    int[] sums = new int[SHAPE.checksums() * slots.length];
    for (int i = 0; i < slots.length; i++) {
      offsets[i] = (long) i * BLOCK;
      MemorySegment block = memory.asSlice(offsets[i], BLOCK);
      fill(block, names[i]);
      keys[2 * i] = mix(names[i]);
      keys[2 * i + 1] = names[i];
      parents[2 * i] = mix(names[i] - 1);
      parents[2 * i + 1] = names[i] - 1;
      System.arraycopy(checksums(block), 0, sums, i * SHAPE.checksums(), SHAPE.checksums());
    }
    return BlockBatch.of(memory, offsets, slots, keys, BLOCK)
        .sealed(new Seals(parents, sums, SHAPE.checksums()));
  }

  /**
   * Does what an engine does: loads a block and verifies it. One that verifies is compared with
   * what its key stands for.
   */
  boolean verifies(Block block) {
    try (var arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BLOCK, 4096);
      var batch = BlockBatch.withoutKeys(memory, new long[1], new int[] {block.slot()}, BLOCK);
      if (!Rig.load(tier, batch).moved(0) || !sealsFit(memory, block.seals())) {
        return false;
      }
      MemorySegment expected = arena.allocate(BLOCK);
      fill(expected, block.name());
      if (block.keyHigh() != mix(block.name())
          || block.seals().parentLow(0) != block.name() - 1
          || block.seals().parentHigh(0) != mix(block.name() - 1)
          || expected.mismatch(memory) >= 0) {
        throw new AssertionError("wrong, and verified: " + block);
      }
      return true;
    }
  }

  @Override
  public void close() {
    tier.close();
  }

  private static boolean sealsFit(MemorySegment memory, Seals seals) {
    int[] sums = checksums(memory);
    for (int i = 0; i < sums.length; i++) {
      if (sums[i] != seals.checksum(0, i)) {
        return false;
      }
    }
    return true;
  }

  private static int[] checksums(MemorySegment block) {
    int[] sums = new int[SHAPE.checksums()];
    long part = BLOCK / sums.length;
    for (int i = 0; i < sums.length; i++) {
      var crc = new CRC32C();
      crc.update(block.asSlice(i * part, part).asByteBuffer());
      sums[i] = (int) crc.getValue();
    }
    return sums;
  }

  /** Writes the bytes that the block called {@code name} has. */
  static void fill(MemorySegment block, long name) {
    for (long at = 0; at < BLOCK; at += Long.BYTES) {
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, at, mix(name * 0x9E3779B97F4A7C15L + at));
    }
  }

  static long mix(long x) {
    long y = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    long z = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
