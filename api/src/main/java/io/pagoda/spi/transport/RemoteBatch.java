package io.pagoda.spi.transport;

/**
 * Ranges that move together between a local region and a region of a peer. Flat: range {@code i} is
 * {@code lengths[i]} bytes at {@code localOffsets[i]} here and at {@code remoteOffsets[i]} there.
 *
 * @param direction which way
 * @param local the region here
 * @param remote the peer's {@link Region#id}
 * @param localOffsets where each range starts here, in bytes
 * @param remoteOffsets where each range starts there, in bytes
 * @param lengths how long each range is, in bytes
 */
public record RemoteBatch(
    Direction direction, Region local, long remote, long[] localOffsets, long[] remoteOffsets,
    long[] lengths) {
  /** Checks that the arrays fit together. */
  public RemoteBatch {
    if (lengths.length == 0
        || localOffsets.length != lengths.length
        || remoteOffsets.length != lengths.length) {
      throw new IllegalArgumentException(
          "A batch has at least one range and three numbers for each: local=%d remote=%d lengths=%d"
              .formatted(localOffsets.length, remoteOffsets.length, lengths.length));
    }
  }

  /** Which way bytes move. */
  public enum Direction {
    /** From the peer to here. */
    READ,
    /** From here to the peer. */
    WRITE
  }

  /** {@return how many ranges there are} */
  public int size() {
    return lengths.length;
  }
}
