package io.pagoda.core.communicate;

import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Ranges of a write; what follows the range before, on both sides, becomes a part of it. */
final class Ranges {
  private final long longest;
  private int size;
  private int[] segments;
  private long[] offsets;
  private int[] windows;
  private long[] remoteOffsets;
  private long[] lengths;

  /**
   * Creates none.
   *
   * @param expected about how many there will be
   * @param longest bytes of a range, at most
   */
  Ranges(int expected, long longest) {
    this.longest = longest;
    segments = new int[expected];
    offsets = new long[expected];
    windows = new int[expected];
    remoteOffsets = new long[expected];
    lengths = new long[expected];
  }

  /** Adds bytes; those that are more than one range may have are several. */
  void add(int segment, long offset, int window, long remoteOffset, long bytes) {
    if (follows(segment, offset, window, remoteOffset) && lengths[size - 1] + bytes <= longest) {
      lengths[size - 1] += bytes;
      return;
    }
    for (long done = 0; done < bytes; done += longest) {
      append(segment, offset + done, window, remoteOffset + done, Math.min(longest, bytes - done));
    }
  }

  private boolean follows(int segment, long offset, int window, long remoteOffset) {
    int last = size - 1;
    return last >= 0
        && segments[last] == segment
        && windows[last] == window
        && offsets[last] + lengths[last] == offset
        && remoteOffsets[last] + lengths[last] == remoteOffset;
  }

  private void append(int segment, long offset, int window, long remoteOffset, long bytes) {
    if (size == lengths.length) {
      grow(Math.max(8, 2 * size));
    }
    segments[size] = segment;
    offsets[size] = offset;
    windows[size] = window;
    remoteOffsets[size] = remoteOffset;
    lengths[size++] = bytes;
  }

  private void grow(int room) {
    segments = Arrays.copyOf(segments, room);
    offsets = Arrays.copyOf(offsets, room);
    windows = Arrays.copyOf(windows, room);
    remoteOffsets = Arrays.copyOf(remoteOffsets, room);
    lengths = Arrays.copyOf(lengths, room);
  }

  /** {@return how many there are} */
  int size() {
    return size;
  }

  /** {@return them as writes of at most {@code most} ranges each} */
  List<RemoteBatch> batches(List<Region> regions, GrantMetadata grant, int most) {
    List<RemoteBatch> batches = new ArrayList<>();
    for (int from = 0; from < size; from += most) {
      int to = Math.min(size, from + most);
      batches.add(
          new RemoteBatch(
              Direction.WRITE, regions, side(segments, offsets, from, to), grant,
              side(windows, remoteOffsets, from, to), Arrays.copyOfRange(lengths, from, to)));
    }
    return batches;
  }

  private static Side side(int[] places, long[] offsets, int from, int to) {
    return new Side(Arrays.copyOfRange(places, from, to), Arrays.copyOfRange(offsets, from, to));
  }
}
