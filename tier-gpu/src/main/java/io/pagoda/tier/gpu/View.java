package io.pagoda.tier.gpu;

import io.pagoda.spi.device.Stripe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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

  /** {@return bytes of the smallest chunk on the device} */
  long smallestChunk() {
    return stripes.stream().mapToLong(Stripe::bytes).min().orElse(0);
  }

  /** {@return bytes of the smallest range in host memory} */
  long smallestRange() {
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
    for (int i = from; i < to; i++) {
      long block = order.address(i);
      long place = stage + (i - from) * span() - start();
      for (Range range : ranges) {
        copies.add(place + range.offset, block + range.offset, range.bytes);
      }
    }
    return copies;
  }
}
