package io.pagoda.tier.gpu;

import io.pagoda.spi.device.Stripe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What a copy moves of every block.
 *
 * @param stripes where it is on the device
 * @param ranges where it is in a block in host memory, as few as there can be, in order
 */
record View(List<Stripe> stripes, List<Range> ranges) {
  /**
   * Consecutive bytes of a block.
   *
   * @param offset the first of them
   * @param bytes how many
   */
  record Range(long offset, long bytes) {
    long end() {
      return offset + bytes;
    }
  }

  /**
   * Stripes of one length at equal distances, whose parts of a block follow each other.
   *
   * @param address where the first stripe's part of block 0 is on the device
   * @param stride from the part of a block to that of the next, in bytes
   * @param pitch from a stripe to the next, in bytes
   * @param offset where the first part is in a block in host memory
   * @param bytes of each part
   * @param rows how many stripes there are
   */
  record Grid(long address, long stride, long pitch, long offset, long bytes, int rows) {
    /** {@return bytes of all parts of a block} */
    long size() {
      return bytes * rows;
    }

    /** {@return whether a stripe is what a further row would be} */
    private boolean continues(Stripe next) {
      long distance = next.address() - (address + (rows - 1) * pitch);
      return next.bytes() == bytes
          && next.stride() == stride
          && next.offset() == offset + size()
          && (rows == 1 ? distance >= bytes && distance <= MOST_PITCH : distance == pitch);
    }

    private Grid and(Stripe next) {
      long distance = rows == 1 ? next.address() - address : pitch;
      return new Grid(address, stride, distance, offset, bytes, rows + 1);
    }
  }

  /** What the driver takes at most for a distance of rows. */
  private static final long MOST_PITCH = Integer.MAX_VALUE;

  /** Copies the lists. */
  View {
    stripes = List.copyOf(stripes);
    ranges = List.copyOf(ranges);
  }

  static View of(List<Stripe> stripes) {
    List<Range> ranges = new ArrayList<>();
    for (Stripe next : stripes.stream().sorted(Comparator.comparingLong(Stripe::offset)).toList()) {
      Range last = ranges.isEmpty() ? null : ranges.getLast();
      if (last != null && last.end() == next.offset()) {
        ranges.set(ranges.size() - 1, new Range(last.offset, last.bytes + next.bytes()));
      } else {
        ranges.add(new Range(next.offset(), next.bytes()));
      }
    }
    return new View(stripes, ranges);
  }

  /**
   * Cuts stripes into views of parts of a block, none of which reaches further than {@code span}.
   *
   * @param stripes what a copy moves
   * @param span how many bytes of a block in host memory a view may reach over, at least 1
   */
  static List<View> windows(List<Stripe> stripes, long span) {
    if (span < 1) {
      throw new IllegalArgumentException("A view reaches over at least 1 byte, not " + span);
    }
    List<View> windows = new ArrayList<>();
    List<Stripe> window = new ArrayList<>();
    long start = 0;
    for (Stripe stripe : stripes.stream()
        .sorted(Comparator.comparingLong(Stripe::offset))
        .toList()) {
      for (long at = 0; at < stripe.bytes();) {
        if (window.isEmpty()) {
          start = stripe.offset() + at;
        }
        long room = start + span - stripe.offset() - at;
        if (room <= 0) {
          windows.add(of(window));
          window.clear();
        } else {
          long bytes = Math.min(room, stripe.bytes() - at);
          window
              .add(new Stripe(stripe.address() + at, stripe.stride(), stripe.offset() + at, bytes));
          at += bytes;
        }
      }
    }
    if (!window.isEmpty()) {
      windows.add(of(window));
    }
    return windows;
  }

  /** {@return where the first of its bytes is in a block in host memory} */
  long start() {
    return ranges.isEmpty() ? 0 : ranges.getFirst().offset;
  }

  /** {@return from the first of its bytes in a block in host memory to the last} */
  long span() {
    return ranges.isEmpty() ? 0 : ranges.getLast().end() - start();
  }

  /** {@return how many bytes of a block it moves} */
  long bytes() {
    return stripes.stream().mapToLong(Stripe::bytes).sum();
  }

  /**
   * Returns the stripes in as few grids as there can be, in the order of their offsets.
   *
   * @param allocation for an address what memory it is in: no grid reaches from one into another
   */
  List<Grid> grids(LongUnaryOperator allocation) {
    List<Grid> grids = new ArrayList<>();
    for (Stripe next : stripes.stream().sorted(Comparator.comparingLong(Stripe::offset)).toList()) {
      if (!grids.isEmpty()
          && grids.getLast().continues(next)
          && allocation.applyAsLong(grids.getLast().address) == allocation
              .applyAsLong(next.address())) {
        grids.set(grids.size() - 1, grids.getLast().and(next));
      } else {
        grids.add(
            new Grid(next.address(), next.stride(), next.bytes(), next.offset(), next.bytes(), 1));
      }
    }
    return grids;
  }

  /** {@return what of it matters for how fast it is copied} */
  Shape shape() {
    return shape(grids(_ -> 0));
  }

  /** {@return the same, where the grids are known} */
  Shape shape(List<Grid> grids) {
    long grid = grids.stream().mapToLong(Grid::size).min().orElse(0);
    return new Shape(smallestChunk(), smallestRange(), grid);
  }

  /**
   * What matters for how fast blocks are copied.
   *
   * @param chunk bytes of the smallest chunk on the device
   * @param range bytes of the smallest range in host memory, at least as long
   * @param grid bytes of a block that are in the smallest grid, at least a chunk
   */
  record Shape(long chunk, long range, long grid) {}

  private long smallestChunk() {
    return stripes.stream().mapToLong(Stripe::bytes).min().orElse(0);
  }

  private long smallestRange() {
    return ranges.stream().mapToLong(Range::bytes).min().orElse(0);
  }

  /**
   * Adds the copies between the device's chunks and host memory; returns them.
   *
   * @param order which blocks
   * @param from the first of them
   * @param to the block after the last
   * @param copies without any
   */
  Copies scattered(Order order, int from, int to, Copies copies) {
    for (int i = from; i < to; i++) {
      long block = order.address(i);
      for (Stripe stripe : stripes) {
        copies.add(
            stripe.address() + stripe.stride() * order.slot(i), block + stripe.offset(),
            stripe.bytes());
      }
    }
    return copies;
  }

  /**
   * Adds the copies between a stage, in which blocks lie one after the other, and host memory.
   *
   * @param order which blocks
   * @param from the first of them
   * @param to the block after the last
   * @param stage where the first lies on the device
   * @param copies without any
   */
  Copies staged(Order order, int from, int to, long stage, Copies copies) {
    long first = stage - start();
    long each = span();
    for (int i = from; i < to; i++) {
      long block = order.address(i);
      long place = first + (i - from) * each;
      for (Range range : ranges) {
        copies.add(place + range.offset, block + range.offset, range.bytes);
      }
    }
    return copies;
  }
}
