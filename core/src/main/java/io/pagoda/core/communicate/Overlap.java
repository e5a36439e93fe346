package io.pagoda.core.communicate;

import io.pagoda.KvShard;
import java.util.Optional;

/**
 * What two ranks, of groups that may differ in size, both hold of every chunk: as many bytes of
 * each row.
 *
 * @param rows how many rows
 * @param localStart where the first starts in a chunk here, in bytes
 * @param localStride from one to the next
 * @param remoteStart where the first starts in a chunk there
 * @param remoteStride from one to the next
 * @param bytes of each
 */
record Overlap(
    int rows, long localStart, long localStride, long remoteStart, long remoteStride, long bytes) {
  /**
   * {@return what both hold, if anything}
   *
   * @param chunk bytes of a chunk here
   * @param here what it is of the whole
   * @param remoteChunk bytes of a chunk there
   * @param there what that is of the whole
   * @throws IllegalArgumentException if they are not parts of the same whole
   */
  static Optional<Overlap> of(long chunk, KvShard here, long remoteChunk, KvShard there) {
    checkWhole(chunk, here, remoteChunk, there);
    long row = chunk / here.rows();
    long remoteRow = remoteChunk / there.rows();
    long start = here.rank() * row;
    long remoteStart = there.rank() * remoteRow;
    long from = Math.max(start, remoteStart);
    long to = Math.min(start + row, remoteStart + remoteRow);
    return from < to
        ? Optional.of(
            new Overlap(here.rows(), from - start, row, from - remoteStart, remoteRow, to - from)
                .joined())
        : Optional.empty();
  }

  private static void checkWhole(long chunk, KvShard here, long remoteChunk, KvShard there) {
    if (whole(chunk, here) < 0
        || whole(chunk, here) != whole(remoteChunk, there)
        || here.rows() != there.rows()
        || chunk % here.rows() != 0
        || remoteChunk % there.rows() != 0) {
      throw new IllegalArgumentException(
          "%d bytes, as %s, and %d bytes there, as %s, are not parts of chunks of one size"
              .formatted(chunk, here, remoteChunk, there));
    }
  }

  /** {@return bytes of a chunk of all ranks, or −1 if they cannot be counted} */
  private static long whole(long chunk, KvShard shard) {
    return Math.multiplyHigh(chunk, shard.ranks()) == 0 ? chunk * shard.ranks() : -1;
  }

  /** {@return the same in one row, if rows follow each other on both sides} */
  private Overlap joined() {
    boolean whole = bytes == localStride && bytes == remoteStride;
    return whole
        ? new Overlap(1, localStart, rows * bytes, remoteStart, rows * bytes, rows * bytes)
        : this;
  }
}
