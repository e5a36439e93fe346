package io.pagoda.tier.gpu;

import java.util.function.LongUnaryOperator;

/**
 * Copies between addresses. Those that continue each other are joined, and none reaches over the
 * end of memory that was pinned together: the driver refuses that.
 */
final class Copies {
  final boolean toDevice;
  final long[] device;
  final long[] host;
  final long[] bytes;
  private final LongUnaryOperator pieceEnd;
  private int count;

  /**
   * Begins with none.
   *
   * @param atMost how many there may be, before any is cut
   * @param toDevice which way
   * @param pieceEnd for an address of pinned memory the end of what was pinned with it
   */
  Copies(int atMost, boolean toDevice, LongUnaryOperator pieceEnd) {
    this.toDevice = toDevice;
    this.device = new long[2 * atMost];
    this.host = new long[2 * atMost];
    this.bytes = new long[2 * atMost];
    this.pieceEnd = pieceEnd;
  }

  /** Adds a copy, of less than what is pinned together. */
  void add(long deviceAddress, long hostAddress, long size) {
    long room = pieceEnd.applyAsLong(hostAddress) - hostAddress;
    long first = Math.min(size, room);
    addWhole(deviceAddress, hostAddress, first);
    if (first < size) {
      addWhole(deviceAddress + first, hostAddress + first, size - first);
    }
  }

  private void addWhole(long deviceAddress, long hostAddress, long size) {
    int last = count - 1;
    if (last >= 0
        && continues(last, deviceAddress, hostAddress)
        && hostAddress + size <= pieceEnd.applyAsLong(host[last])) {
      bytes[last] += size;
      return;
    }
    device[count] = deviceAddress;
    host[count] = hostAddress;
    bytes[count++] = size;
  }

  private boolean continues(int copy, long deviceAddress, long hostAddress) {
    return device[copy] + bytes[copy] == deviceAddress && host[copy] + bytes[copy] == hostAddress;
  }

  /** {@return how many there are} */
  int count() {
    return count;
  }

  /** {@return bytes of the smallest} */
  long smallest() {
    long smallest = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      smallest = Math.min(smallest, bytes[i]);
    }
    return smallest;
  }

  /** {@return where the copies go} */
  long[] to() {
    return toDevice ? device : host;
  }

  /** {@return where they come from} */
  long[] from() {
    return toDevice ? host : device;
  }
}
