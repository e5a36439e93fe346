package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * What the body of a READ or WRITE says, before it is compared with the grant.
 *
 * @param token of the grant
 * @param transfer the number of the batch
 * @param windows of each range
 * @param offsets of each range in its window
 * @param lengths of each range
 * @param crcs of each range, or none
 * @param bytes of all ranges
 */
record Request(
    byte[] token, long transfer, int[] windows, long[] offsets, int[] lengths, int[] crcs,
    long bytes) {
  /** Reads it; it must be what the header promises, and not more than a piece may be. */
  static Request read(Frame frame, MemorySegment body, int pieceBytes) throws IOException {
    int count = frame.ranges;
    boolean checked = (frame.flags & Frame.CHECKED) != 0;
    long rangeBytes = (long) Frame.RANGE_BYTES + (checked ? Frame.CRC_BYTES : 0);
    check(count > 0 && count <= Frame.MAX_RANGES, "has " + count + " ranges");
    check(body.byteSize() == Frame.REQUEST_BYTES + count * rangeBytes, "has no such body");
    int[] windows = new int[count];
    long[] offsets = new long[count];
    int[] lengths = new int[count];
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      long at = Frame.REQUEST_BYTES + (long) i * Frame.RANGE_BYTES;
      offsets[i] = body.get(Frame.LONG, at);
      windows[i] = body.get(Frame.INT, at + 8);
      lengths[i] = body.get(Frame.INT, at + 12);
      check(lengths[i] > 0, "has a range of " + lengths[i] + " bytes");
      bytes += lengths[i];
    }
    check(bytes <= pieceBytes, "is of " + bytes + " bytes");
    int[] crcs = Service
        .crcs(body, Frame.REQUEST_BYTES + (long) count * Frame.RANGE_BYTES, checked ? count : 0);
    return new Request(
        Frame.bytes(body, 0, Frame.TOKEN_BYTES), body.get(Frame.LONG, Frame.TOKEN_BYTES), windows,
        offsets, lengths, crcs, bytes);
  }

  /** Turns offsets in windows into offsets in memory; {@code false} if one is outside. */
  boolean place(TcpGrant grant) {
    for (int i = 0; i < lengths.length; i++) {
      long at = grant.within(windows[i], offsets[i], lengths[i]);
      if (at < 0) {
        return false;
      }
      offsets[i] = at;
    }
    return true;
  }

  private static void check(boolean right, String what) throws IOException {
    if (!right) {
      throw new IOException("a piece " + what);
    }
  }
}
