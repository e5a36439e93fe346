package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A piece as the passive side does it: ranges of granted memory, which a read sends and a write
 * receives.
 */
final class Service implements Ranges, Outgoing {
  private final ServerConnection connection;
  private final TcpGrant grant;
  private final long id;
  private final long bytes;
  private final int[] windows;
  private final long[] offsets;
  private final int[] lengths;
  private final int[] crcs;
  private final boolean checked;

  Service(ServerConnection connection, TcpGrant grant, Frame frame, Request request) {
    this.connection = connection;
    this.grant = grant;
    id = frame.id;
    bytes = request.bytes();
    windows = request.windows();
    offsets = request.offsets();
    lengths = request.lengths();
    crcs = request.crcs();
    checked = (frame.flags & Frame.WANT_CHECKS) != 0;
  }

  @Override
  public int count() {
    return lengths.length;
  }

  @Override
  public MemorySegment memory(int index) {
    return grant.memory(windows[index]);
  }

  @Override
  public long offset(int index) {
    return offsets[index];
  }

  @Override
  public long bytes(int index) {
    return lengths[index];
  }

  /** {@return the first range whose bytes are not those that were sent, or −1} */
  int changed() {
    for (int i = 0; i < crcs.length; i++) {
      if (crc(this, i) != crcs[i]) {
        return i;
      }
    }
    return -1;
  }

  static int crc(Ranges ranges, int index) {
    CRC32C crc = new CRC32C();
    crc.update(ranges.buffer(index));
    return (int) crc.getValue();
  }

  /** Writes the CRC of every range, and returns how many bytes these are. */
  static int crcs(Ranges ranges, MemorySegment at, long from) {
    for (int i = 0; i < ranges.count(); i++) {
      at.set(Frame.INT, from + (long) i * Frame.CRC_BYTES, crc(ranges, i));
    }
    return ranges.count() * Frame.CRC_BYTES;
  }

  /** {@return the CRCs that are there} */
  static int[] crcs(MemorySegment at, long from, int count) {
    int[] crcs = new int[count];
    Arrays.setAll(crcs, i -> at.get(Frame.INT, from + (long) i * Frame.CRC_BYTES));
    return crcs;
  }

  @Override
  public int encode(MemorySegment at) {
    int body = checked ? crcs(this, at, Frame.HEADER_BYTES) : 0;
    return Frame.header(
        at, new int[] {Frame.DATA, checked ? Frame.CHECKED : 0, 0, count()}, body, id, bytes);
  }

  @Override
  public Ranges payload() {
    return this;
  }

  @Override
  public void sent() {
    leave();
  }

  void leave() {
    connection.left(grant);
  }
}
