package io.pagoda.spi.transport;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Ranges that move together between memory here and memory that a peer has granted. Flat: a range
 * is five numbers in arrays that all ranges share, so a batch of many thousands is cheap to make,
 * and its ranges may be of different regions here and of different windows there.
 *
 * <p>It does not change, and may be posted more than once. The arrays are given away: they must not
 * change afterwards.
 */
public final class RemoteBatch {
  private static final int[] ALL_OF_THE_FIRST = {};

  private final Direction direction;
  private final GrantMetadata remote;
  private final List<Region> regions;
  private final int[] localRegions;
  private final long[] localOffsets;
  private final int[] remoteWindows;
  private final long[] remoteOffsets;
  private final long[] lengths;
  private final Optional<Notification> notification;
  private final long bytes;

  /** Which way bytes move. */
  public enum Direction {
    /** From the peer to here. */
    READ,
    /** From here to the peer. */
    WRITE;

    /** {@return what it takes} */
    public Right right() {
      return this == READ ? Right.READ : Right.WRITE;
    }
  }

  /**
   * The ranges of one side.
   *
   * @param places which region, or which window, each range is of; none if all are of the first
   * @param offsets where each starts there, in bytes
   */
  public record Side(int[] places, long[] offsets) {
    /** All ranges are of the first region or window. */
    public Side(long... offsets) {
      this(ALL_OF_THE_FIRST, offsets);
    }
  }

  /**
   * Makes a batch, without checking it against what the peer has granted, as {@link Link#post}
   * does.
   *
   * @param direction which way
   * @param regions memory here
   * @param local where ranges are in {@code regions}
   * @param grant memory there
   * @param remote where ranges are in the windows of {@code grant}
   * @param lengths how long each is, in bytes, at least 1
   * @throws IllegalArgumentException if the arrays do not fit together, there is no range, or one
   *     is empty
   * @throws IndexOutOfBoundsException if a range is not within its region
   */
  public RemoteBatch(
      Direction direction, List<Region> regions, Side local, GrantMetadata grant, Side remote,
      long[] lengths) {
    this(direction, List.copyOf(regions), local, grant, remote, lengths, Optional.empty());
    checkArrays();
    checkLocal();
  }

  private RemoteBatch(
      Direction direction, List<Region> regions, Side local, GrantMetadata grant, Side remote,
      long[] lengths, Optional<Notification> notification) {
    this.direction = direction;
    this.remote = grant;
    this.regions = regions;
    localRegions = local.places();
    localOffsets = local.offsets();
    remoteWindows = remote.places();
    remoteOffsets = remote.offsets();
    this.lengths = lengths;
    this.notification = notification;
    long sum = 0;
    for (long length : lengths) {
      sum += length;
    }
    bytes = sum;
  }

  /** Makes a batch of ranges of one region and the first window of a grant. */
  public RemoteBatch(
      Direction direction, Region region, long[] localOffsets, GrantMetadata grant,
      long[] remoteOffsets, long[] lengths) {
    this(direction, List.of(region), new Side(localOffsets), grant, new Side(remoteOffsets),
        lengths);
  }

  /** {@return the same batch, which tells the peer something when it has arrived} */
  public RemoteBatch thenTell(Notification told) {
    return new RemoteBatch(
        direction, regions, new Side(localRegions, localOffsets), remote,
        new Side(remoteWindows, remoteOffsets), lengths, Optional.of(told));
  }

  private void checkArrays() {
    int size = lengths.length;
    boolean placesFit = (localRegions.length == 0 || localRegions.length == size)
        && (remoteWindows.length == 0 || remoteWindows.length == size);
    if (size == 0
        || localOffsets.length != size
        || remoteOffsets.length != size
        || !placesFit
        || regions.isEmpty()) {
      throw new IllegalArgumentException(
          ("A batch has a region, a range, and for each range its numbers: regions=%d"
              + " localRegions=%d localOffsets=%d remoteWindows=%d remoteOffsets=%d lengths=%d")
              .formatted(
                  regions.size(), localRegions.length, localOffsets.length, remoteWindows.length,
                  remoteOffsets.length, size));
    }
  }

  private void checkLocal() {
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1) {
        throw new IllegalArgumentException(
            "Range %d has %d bytes; a range has at least 1".formatted(i, lengths[i]));
      }
      long bound = regions.get(localRegion(i)).memory().byteSize();
      if (localOffsets[i] < 0 || lengths[i] > bound - localOffsets[i]) {
        throw new IndexOutOfBoundsException(
            "Range %d, %d bytes from %d, is not within its region of %d bytes"
                .formatted(i, lengths[i], localOffsets[i], bound));
      }
    }
  }

  /**
   * Checks that every range is within what the grant's metadata says, and that this allows it.
   *
   * @throws IndexOutOfBoundsException if a range is not
   * @throws IllegalArgumentException if the grant is not for this direction
   */
  public void checkRemote() {
    if (!remote.rights().contains(direction.right())) {
      throw new IllegalArgumentException(
          "A grant to %s is not for a %s".formatted(remote.rights(), direction));
    }
    for (int i = 0; i < lengths.length; i++) {
      int window = remoteWindow(i);
      Objects.checkIndex(window, remote.windows());
      long bound = remote.windowBytes(window);
      if (remoteOffsets[i] < 0 || lengths[i] > bound - remoteOffsets[i]) {
        throw new IndexOutOfBoundsException(
            "Range %d, %d bytes from %d, is not within window %d of %d bytes"
                .formatted(i, lengths[i], remoteOffsets[i], window, bound));
      }
    }
  }

  /** {@return which way} */
  public Direction direction() {
    return direction;
  }

  /** {@return what the peer has granted} */
  public GrantMetadata grant() {
    return remote;
  }

  /** {@return the memory here} */
  public List<Region> regions() {
    return regions;
  }

  /** {@return what to tell the peer when all has arrived} */
  public Optional<Notification> notification() {
    return notification;
  }

  /** {@return how many ranges there are, at least 1} */
  public int size() {
    return lengths.length;
  }

  /** {@return bytes of all ranges} */
  public long bytes() {
    return bytes;
  }

  /** {@return which of {@link #regions} range {@code index} is of} */
  public int localRegion(int index) {
    return localRegions.length == 0 ? 0 : localRegions[index];
  }

  /** {@return where range {@code index} starts in its region, in bytes} */
  public long localOffset(int index) {
    return localOffsets[index];
  }

  /** {@return which window of the grant range {@code index} is of} */
  public int remoteWindow(int index) {
    return remoteWindows.length == 0 ? 0 : remoteWindows[index];
  }

  /** {@return where range {@code index} starts in its window, in bytes} */
  public long remoteOffset(int index) {
    return remoteOffsets[index];
  }

  /** {@return how long range {@code index} is, in bytes} */
  public long length(int index) {
    return lengths[index];
  }

  @Override
  public String toString() {
    return "%s of %d ranges, %d bytes".formatted(direction, lengths.length, bytes);
  }
}
