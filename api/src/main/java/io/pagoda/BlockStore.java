package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tiered store of KV-cache blocks: the caller's door.
 *
 * <p><b>Threads.</b> Safe for use by many threads. No method waits for a transfer, except {@link
 * #close}.
 *
 * <p><b>Memory.</b> Payload moves between registered {@linkplain Pool pools} and the store's own
 * tiers; the store keeps no reference to a pool after the pool is closed.
 *
 * <p><b>Failures.</b> Whatever goes wrong below makes a shorter prefix. Methods throw only for
 * misuse: a pool of another store or shape, block numbers outside the pool, a closed store.
 */
public interface BlockStore extends AutoCloseable {
  /**
   * Makes engine memory known.
   *
   * @param spec its shape; its block size must be the store's
   * @param memory the pool, native, at least {@link PoolSpec#bytes()} long, alive until the pool is
   *     closed
   * @throws IllegalArgumentException if spec, memory and store do not fit together
   */
  default Pool register(PoolSpec spec, MemorySegment memory) {
    return register(List.of(PoolPart.whole(spec, memory)));
  }

  /**
   * Makes engine memory known that is in several parts: per layer, per rank, per group of layers.
   *
   * @param parts which together hold every byte of a block once, replicas apart, and equally many
   *     blocks each; their memory is alive until the pool is closed
   * @throws IllegalArgumentException if the parts do not make whole blocks of the store's size
   */
  Pool register(List<PoolPart> parts);

  /** Finds and pins the longest prefix of {@code keys} that the store holds. */
  Match match(BlockKeys keys);

  /**
   * Brings matched blocks into a pool. The job takes the match over and closes it.
   *
   * @param match from this store; at most its first {@code blocks.length} blocks are fetched
   * @param pool where to
   * @param blocks the pool block for each, in order, none twice
   */
  Job fetch(Match match, Pool pool, int... blocks);

  /**
   * Stores what the store lacks of a prefix. Blocks that it holds already count as stored, and
   * their bytes are not read.
   *
   * @param keys the prefix
   * @param pool where from
   * @param blocks the pool block of each key, in order
   */
  Job put(BlockKeys keys, Pool pool, int... blocks);

  /** {@return what the store has done since it was opened, and what it holds} */
  StoreStatistics statistics();

  /** Cancels what runs, waits until it has settled, and closes every tier. */
  @Override
  void close();
}
