package io.pagoda.tier.gpu;

import io.pagoda.spi.tier.BlockBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a batch, in the order of their addresses in host memory: neighbours there may go in
 * one piece, in whatever order they were asked for.
 */
final class Order {
  private final BlockBatch batch;
  private final long base;

  /** Which block of the batch is at each place; null where the batch has that order already. */
  private final int @Nullable [] places;

  private final boolean ascending;

  private Order(BlockBatch batch, int @Nullable [] places, boolean ascending) {
    this.batch = batch;
    this.base = batch.memory().address();
    this.places = places;
    this.ascending = ascending;
  }

  static Order byAddress(BlockBatch batch) {
    if (ascends(batch)) {
      return new Order(batch, null, true);
    }
    int[] places = sorted(batch);
    return new Order(batch, places, places != null);
  }

  /**
   * Cuts a batch.
   *
   * @param few blocks of each of the parts that begin at once
   * @param many blocks of each later one
   * @return the parts, in order
   */
  static List<BlockBatch> cut(BlockBatch batch, int few, int many) {
    List<BlockBatch> parts = new ArrayList<>();
    int size;
    for (int from = 0; from < batch.size(); from += size) {
      int first = from;
      size = Math.min(parts.size() < InTurn.AHEAD ? few : many, batch.size() - from);
      long[] offsets = new long[size];
      int[] slots = new int[size];
      Arrays.setAll(offsets, i -> batch.offset(first + i));
      Arrays.setAll(slots, i -> batch.slot(first + i));
      parts.add(BlockBatch.withoutKeys(batch.memory(), offsets, slots, batch.rangeBytes()));
    }
    return parts;
  }

  private static boolean ascends(BlockBatch batch) {
    for (int i = 1; i < batch.size(); i++) {
      if (batch.offset(i - 1) > batch.offset(i)) {
        return false;
      }
    }
    return true;
  }

  /** Offsets are sorted with the numbers of their blocks, without an object for each. */
  private static int @Nullable [] sorted(BlockBatch batch) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(batch.size() - 1);
    long[] keys = new long[batch.size()];
    for (int block = 0; block < keys.length; block++) {
      if (batch.offset(block) >= Long.MAX_VALUE >> bits) {
        return null; // memory that no machine has; nothing but neighbours would be lost
      }
      keys[block] = batch.offset(block) << bits | block;
    }
    Arrays.sort(keys);
    int[] places = new int[keys.length];
    for (int place = 0; place < places.length; place++) {
      places[place] = (int) keys[place] & (1 << bits) - 1;
    }
    return places;
  }

  /** {@return whether no block is before the first or behind the last} */
  boolean ascending() {
    return ascending;
  }

  /** {@return how many blocks there are} */
  int size() {
    return batch.size();
  }

  /** {@return where a block starts in host memory} */
  long address(int place) {
    return base + batch.offset(places == null ? place : places[place]);
  }

  /** {@return its number on the device} */
  int slot(int place) {
    return batch.slot(places == null ? place : places[place]);
  }
}
