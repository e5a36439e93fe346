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

  private Order(BlockBatch batch, int @Nullable [] places) {
    this.batch = batch;
    this.base = batch.memory().address();
    this.places = places;
  }

  static Order byAddress(BlockBatch batch) {
    return new Order(batch, ascends(batch) ? null : sorted(batch));
  }

  /** {@return a batch in batches of at most so many blocks} */
  static List<BlockBatch> cut(BlockBatch batch, int most) {
    List<BlockBatch> parts = new ArrayList<>();
    for (int from = 0; from < batch.size(); from += most) {
      int first = from;
      int size = Math.min(most, batch.size() - from);
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
  private static int[] sorted(BlockBatch batch) {
    long[] offsets = new long[batch.size()];
    Arrays.setAll(offsets, batch::offset);
    Arrays.sort(offsets);
    int[] places = new int[offsets.length];
    int[] used = new int[offsets.length];
    for (int block = 0; block < places.length; block++) {
      int first = first(offsets, batch.offset(block));
      places[first + used[first]++] = block;
    }
    return places;
  }

  /** {@return where the first of equal offsets is} */
  private static int first(long[] offsets, long offset) {
    int at = Arrays.binarySearch(offsets, offset);
    while (at > 0 && offsets[at - 1] == offset) {
      at--;
    }
    return at;
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
