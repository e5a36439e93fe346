package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKey;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A tier from its opening to its close, and the blocks it handed over in between. Blocks are named
 * by numbers, from which their bytes, keys and seals follow.
 */
final class Restart implements AutoCloseable {
  /** A block as it was handed over. */
  record Found(long generation, BlockKey key, Seals seals) {}

  private final Trial trial;
  private final Recoverable keeper;
  private final int checksums;
  private final Map<Integer, Found> found = new TreeMap<>();

  Restart(TierUnderTest test, SealShape shape) {
    trial = new Trial(test);
    checksums = shape.checksums();
    try {
      keeper = trial.tier().ability(Recoverable.class).orElseThrow();
      keeper.recover(shape, this::found);
    } catch (RuntimeException | Error e) {
      trial.close();
      throw e;
    }
  }

  private void found(int slot, long generation, long high, long low, Seals seals) {
    assertTrue(slot >= 0 && slot < trial.spec().slots(), () -> "there is no slot " + slot);
    Found block = new Found(generation, new BlockKey(high, low), seals);
    assertNull(found.put(slot, block), () -> "slot " + slot + " was told twice");
  }

  Recoverable keeper() {
    return keeper;
  }

  int lastSlot() {
    return trial.spec().slots() - 1;
  }

  /** {@return the generation of the block in {@code slot}} */
  long generation(int slot) {
    return one(slot).generation();
  }

  /** Stores one sealed block for each of {@code names}. */
  void store(int[] slots, long... names) {
    HostBlocks source = trial.memory(slots.length);
    for (int i = 0; i < slots.length; i++) {
      source.fill(i, names[i]);
    }
    BlockBatch batch = source.batch(slots, names).sealed(seals(names));
    trial.store(batch, source::scribble).arrives(trial.patience());
  }

  void store(int slot, long name) {
    store(new int[] {slot}, name);
  }

  void forgetAll() {
    CompletableFuture<Void> done = keeper.forgetAll().toCompletableFuture();
    Receipt.await(done, "forgetAll", trial.patience());
  }

  /** Expects exactly these blocks: their keys, their seals and their bytes. */
  void expect(Map<Integer, Long> names) {
    assertEquals(names.keySet(), found.keySet(), "the slots of the blocks that came back");
    names.forEach((slot, name) -> {
      long[] key = HostBlocks.words(name);
      assertEquals(new BlockKey(key[0], key[1]), one(slot).key(), "the key in slot " + slot);
      expectSeals(slot, name);
      trial.expect(slot, name);
    });
  }

  private void expectSeals(int slot, long name) {
    Seals expected = seals(name);
    Seals seals = one(slot).seals();
    assertEquals(1, seals.size(), "blocks that are sealed in slot " + slot);
    assertEquals(checksums, seals.perBlock(), "checksums in slot " + slot);
    assertEquals(expected.parentHigh(0), seals.parentHigh(0), "the parent in slot " + slot);
    assertEquals(expected.parentLow(0), seals.parentLow(0), "the parent in slot " + slot);
    for (int i = 0; i < checksums; i++) {
      assertEquals(expected.checksum(0, i), seals.checksum(0, i), "a checksum in slot " + slot);
    }
  }

  private Found one(int slot) {
    Found block = found.get(slot);
    if (block == null) {
      throw new AssertionError("slot " + slot + " did not come back");
    }
    return block;
  }

  private Seals seals(long... names) {
    long[] parents = new long[names.length];
    int[] sums = new int[names.length * checksums];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = (int) Pattern.mix(31 * names[i / checksums] + i % checksums);
    }
    for (int i = 0; i < names.length; i++) {
      parents[i] = names[i] - 1;
    }
    return new Seals(HostBlocks.words(parents), sums, checksums);
  }

  @Override
  public void close() {
    trial.close();
  }
}
