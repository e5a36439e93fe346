package io.pagoda;

/**
 * Which part of every block a rank of a tensor-parallel group holds: the blocks of all ranks, side
 * by side, are whole.
 *
 * <p>Ranks that all hold the same, as with latent attention, are each the only one: {@link #WHOLE}.
 *
 * @param rank which, from 0
 * @param ranks how many there are
 * @param rows in how many rows a chunk is cut, each of them a part of a row of the whole chunk: 1
 *     where heads are outermost, and the tokens of a block where they are
 */
public record KvShard(int rank, int ranks, int rows) {
  /** All of every block. */
  public static final KvShard WHOLE = new KvShard(0, 1, 1);

  /** Checks the numbers. */
  public KvShard {
    if (ranks < 1 || rank < 0 || rank >= ranks || rows < 1) {
      throw new IllegalArgumentException(
          "A shard is of a rank below their number, in at least 1 row: rank=%d ranks=%d rows=%d"
              .formatted(rank, ranks, rows));
    }
  }
}
