package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

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
  default Match match(BlockKeys keys) {
    return match(keys, Duration.ZERO);
  }

  /**
   * Finds the longest prefix of {@code keys} that the store holds, and pins it for a time.
   *
   * @param keep how long the match keeps its blocks, unless it is closed or fetched before; zero
   *     for what the store is set to
   */
  Match match(BlockKeys keys, Duration keep);

  /** Tells why the longest prefix of {@code keys} that the store holds ends where it does. */
  Ending explain(BlockKeys keys);

  /**
   * Brings matched blocks into a pool. The job takes the match over and closes it.
   *
   * @param match from this store; at most its first {@code blocks.length} blocks are fetched
   * @param pool where to
   * @param blocks the pool block for each, in order, none twice
   */
  default Job fetch(Match match, Pool pool, int... blocks) {
    return fetch(pool, List.of(new Fetch(match, blocks, JobOptions.DEFAULT))).getFirst();
  }

  /**
   * Brings matched blocks into a pool, several fetches at once: one plan moves them, in common
   * batches, and each is a job of its own. Blocks that several ask for are brought once.
   *
   * @param pool where to
   * @param fetches what; each job takes its match over
   * @return a job for each, in order
   */
  List<Job> fetch(Pool pool, List<Fetch> fetches);

  /**
   * Brings matched blocks up into host memory. The job takes the match over and closes it. It asks
   * for less haste than a fetch, and its blocks may be evicted again as soon as it has ended.
   */
  Job prefetch(Match match, JobOptions options);

  /**
   * Plans to store what the store lacks of a prefix.
   *
   * @param keys the prefix
   * @param namespace whose it is, for quotas and times to live
   */
  Draft draft(BlockKeys keys, Namespace namespace);

  /**
   * Stores what the store lacks of a prefix. Blocks that it holds already count as stored, and
   * their bytes are not read.
   *
   * @param keys the prefix
   * @param pool where from
   * @param blocks the pool block of each key, in order
   */
  default Job put(BlockKeys keys, Pool pool, int... blocks) {
    return put(keys, pool, blocks, JobOptions.DEFAULT);
  }

  /**
   * Stores what the store lacks of a prefix.
   *
   * @param keys the prefix
   * @param pool where from
   * @param blocks the pool block of each key, in order
   * @param options how
   */
  Job put(BlockKeys keys, Pool pool, int[] blocks, JobOptions options);

  /**
   * Stores what was drafted, several puts at once: one plan moves their blocks, in common batches,
   * and each is a job of its own.
   *
   * @param pool where from
   * @param puts what; each job takes its draft over
   * @return a job for each, in order
   */
  List<Job> put(Pool pool, List<Put> puts);

  /**
   * Forgets every block, as when a model gets new weights. Jobs are cancelled, matches and drafts
   * expire. From the call on nothing that was stored before it is found, and until the stage
   * completes nothing is stored.
   *
   * @return completes when everything is gone and every slot free, also from tiers that outlive
   *     the process; exceptionally if one of them cannot promise that
   */
  CompletionStage<Void> reset();

  /** {@return what the store has done since it was opened, and what it holds} */
  StoreStatistics statistics();

  /** Cancels what runs, waits until it has settled, and closes every tier. */
  @Override
  void close();
}
