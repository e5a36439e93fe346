package io.pagoda.core;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable.Recovery;
import io.pagoda.spi.tier.Seals;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What a medium knows of the blocks in its slots; it outlives the tiers that are opened on it. */
final class Records {
  final @Nullable Entry[] slots;
  private long generation;

  /** What is written down with a block. */
  record Entry(long generation, long high, long low, long parentHigh, long parentLow, int[] sums) {
    Seals seals() {
      return new Seals(new long[] {parentHigh, parentLow}, sums.clone(), sums.length);
    }
  }

  Records(int slots) {
    this.slots = new Entry[slots];
  }

  synchronized void write(BlockBatch batch, int i) {
    Seals seals = batch.seals().orElseThrow();
    int[] sums = new int[seals.perBlock()];
    for (int s = 0; s < sums.length; s++) {
      sums[s] = seals.checksum(i, s);
    }
    put(
        batch.slot(i),
        new Entry(
            ++generation, batch.keyHigh(i), batch.keyLow(i), seals.parentHigh(i),
            seals.parentLow(i), sums));
  }

  synchronized void put(int slot, Entry entry) {
    slots[slot] = entry;
  }

  synchronized void forget(int slot) {
    slots[slot] = null;
  }

  synchronized void forgetAll() {
    for (int slot = 0; slot < slots.length; slot++) {
      slots[slot] = null;
    }
  }

  synchronized int size() {
    int size = 0;
    for (Entry entry : slots) {
      size += entry == null ? 0 : 1;
    }
    return size;
  }

  /** Hands every record over, in an order that a seed decides. */
  synchronized void handOver(Recovery recovery, long seed) {
    List<Integer> order = new ArrayList<>();
    for (int slot = 0; slot < slots.length; slot++) {
      order.add(slot);
    }
    Collections.shuffle(order, new Random(seed));
    for (int slot : order) {
      Entry entry = slots[slot];
      if (entry != null) {
        recovery.block(slot, entry.generation, entry.high, entry.low, entry.seals());
      }
    }
  }
}
