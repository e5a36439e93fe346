package io.pagoda.tier.gpu;

import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * Copies between addresses. Those that continue each other are joined, and none reaches over the
 * end of memory that was pinned together: the driver refuses that.
 */
final class Copies {
  final boolean toDevice;
  long[] device;
  long[] host;
  long[] bytes;
  private final LongUnaryOperator pieceEnd;
  private int count;

  /** Memory that was pinned together, as far as it was asked for last. */
  private long knownFrom;

  private long knownEnd;

  /** Where what was pinned together with the last copy's first byte ends. */
  private long lastEnd;

  /**
   * Begins with none.
   *
   * @param expected about how many there will be
   * @param toDevice which way
   * @param pieceEnd for an address of pinned memory the end of what was pinned with it
   */
  Copies(int expected, boolean toDevice, LongUnaryOperator pieceEnd) {
    this.toDevice = toDevice;
    this.device = new long[expected];
    this.host = new long[expected];
    this.bytes = new long[expected];
    this.pieceEnd = pieceEnd;
  }

  /** Adds a copy. */
  void add(long deviceAddress, long hostAddress, long size) {
    long done = 0;
    while (done < size) {
      long part = Math.min(size - done, end(hostAddress + done) - hostAddress - done);
      addWhole(deviceAddress + done, hostAddress + done, part);
      done += part;
    }
  }

  private long end(long address) {
    if (address < knownFrom || address >= knownEnd) {
      knownFrom = address;
      knownEnd = pieceEnd.applyAsLong(address);
    }
    return knownEnd;
  }

  private void addWhole(long deviceAddress, long hostAddress, long size) {
    int last = count - 1;
    if (last >= 0 && continues(last, deviceAddress, hostAddress) && hostAddress + size <= lastEnd) {
      bytes[last] += size;
      return;
    }
    if (count == bytes.length) {
      grow();
    }
    device[count] = deviceAddress;
    host[count] = hostAddress;
    lastEnd = knownEnd;
    bytes[count++] = size;
  }

  private void grow() {
    int more = 2 * count + 1;
    device = Arrays.copyOf(device, more);
    host = Arrays.copyOf(host, more);
    bytes = Arrays.copyOf(bytes, more);
  }

  private boolean continues(int copy, long deviceAddress, long hostAddress) {
    return device[copy] + bytes[copy] == deviceAddress && host[copy] + bytes[copy] == hostAddress;
  }

  /** {@return how many there are} */
  int count() {
    return count;
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
