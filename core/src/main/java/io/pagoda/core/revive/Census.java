package io.pagoda.core.revive;

import io.pagoda.spi.tier.Recoverable.Recovery;
import io.pagoda.spi.tier.Seals;
import java.util.Arrays;
import java.util.BitSet;

/**
 * All that tiers have told of blocks which outlived the process, in arrays of numbers: a record is
 * an index into them.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Census implements Recovery {
  private static final int SMALLEST = 1 << 10;

  private final int perBlock;

  /** Where the records of each tier start; those of tiers that told nothing are empty. */
  private final int[] from;

  private int tier;
  private int slotsOfTier;
  private BitSet told = new BitSet(0);
  private int size;
  private int impossible;
  private long[] keys = {};
  private long[] parents = {};
  private long[] generations = {};
  private int[] slots = {};
  private int[] sums = {};

  /**
   * Creates an empty census.
   *
   * @param tiers how many tiers there are
   * @param perBlock how many checksums a block has
   */
  Census(int tiers, int perBlock) {
    this.from = new int[tiers + 1];
    this.perBlock = perBlock;
  }

  /** Has what is told from now on be of a tier, a colder one than before. */
  void begin(int number, int slotCount) {
    Arrays.fill(from, tier + 1, number + 1, size);
    tier = number;
    slotsOfTier = slotCount;
    told = new BitSet(slotCount);
  }

  /** Ends it. */
  void end() {
    Arrays.fill(from, tier + 1, from.length, size);
  }

  @Override
  public void block(int slot, long generation, long keyHigh, long keyLow, Seals seals) {
    boolean possible = slot >= 0 && slot < slotsOfTier && seals.perBlock() == perBlock;
    if (!possible || told.get(slot)) {
      impossible++;
      return;
    }
    told.set(slot);
    reserve();
    keys[2 * size] = keyHigh;
    keys[2 * size + 1] = keyLow;
    parents[2 * size] = seals.parentHigh(0);
    parents[2 * size + 1] = seals.parentLow(0);
    generations[size] = generation;
    slots[size] = slot;
    for (int s = 0; s < perBlock; s++) {
      sums[size * perBlock + s] = seals.checksum(0, s);
    }
    size++;
  }

  private void reserve() {
    if (size < slots.length) {
      return;
    }
    long most = (long) from[tier] + slotsOfTier;
    int room = Math.toIntExact(Math.min(most, Math.max(SMALLEST, 2L * slots.length)));
    keys = Arrays.copyOf(keys, 2 * room);
    parents = Arrays.copyOf(parents, 2 * room);
    generations = Arrays.copyOf(generations, room);
    slots = Arrays.copyOf(slots, room);
    sums = Arrays.copyOf(sums, Math.multiplyExact(room, perBlock));
  }

  int size() {
    return size;
  }

  /** {@return how many times a tier told of a slot that it has not, or had told of before} */
  int impossible() {
    return impossible;
  }

  /** {@return the first record of a tier} */
  int first(int number) {
    return from[number];
  }

  /** {@return the record after the last of a tier} */
  int last(int number) {
    return from[number + 1];
  }

  /** {@return the tier that told a record} */
  int tier(int record) {
    int number = 0;
    while (from[number + 1] <= record) {
      number++;
    }
    return number;
  }

  int slot(int record) {
    return slots[record];
  }

  long generation(int record) {
    return generations[record];
  }

  long high(int record) {
    return keys[2 * record];
  }

  long low(int record) {
    return keys[2 * record + 1];
  }

  long parentHigh(int record) {
    return parents[2 * record];
  }

  long parentLow(int record) {
    return parents[2 * record + 1];
  }

  /** {@return the checksums of all records, {@code perBlock} each} */
  int[] checksums() {
    return sums;
  }

  /** {@return where the checksums of a record start} */
  int checksumsOf(int record) {
    return record * perBlock;
  }

  /** {@return whether two records are of the same bytes after the same block} */
  boolean agree(int one, int other) {
    return parentHigh(one) == parentHigh(other)
        && parentLow(one) == parentLow(other)
        && Arrays.equals(
            sums, one * perBlock, (one + 1) * perBlock, sums, other * perBlock,
            (other + 1) * perBlock);
  }
}
