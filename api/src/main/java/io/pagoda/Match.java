package io.pagoda;

/**
 * The longest prefix of a request that the store holds, pinned: none of its blocks is evicted or
 * moved before the match is closed, fetched or older than the store's pin timeout.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public interface Match extends AutoCloseable {
  /** {@return what was asked for} */
  BlockKeys keys();

  /** {@return how many leading blocks the store holds} */
  int blocks();

  /**
   * Returns how many of those blocks come from a tier: each is counted at the hottest tier that
   * holds it.
   *
   * @param tier the tier's name
   */
  int blocksAt(String tier);

  /** Unpins the blocks, unless a fetch has taken the match over; a second call does nothing. */
  @Override
  void close();
}
