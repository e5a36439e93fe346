package io.pagoda.spi.eviction;

/**
 * Orders the occupied slots of one tier from coldest to hottest. A policy sees slots, never bytes,
 * and changes nothing but its own order: it advises.
 *
 * <p>The engine reports the blocks of a prefix last block first, so that of blocks used together
 * the one that begins the prefix is the most recent. A policy that orders by recency alone thus
 * never prefers a block to its successors.
 *
 * <p><b>Threads.</b> Confined: one thread at a time, with happens-before between calls.
 *
 * <p><b>Memory.</b> Slots run from 0 to the number of slots given at opening; state is kept in
 * primitive arrays of that length, and no call allocates.
 *
 * <p><b>Failures.</b> None: the engine keeps the order of calls, {@link #admitted} before {@link
 * #touched} and {@link #removed}, and these never throw. Every call costs O(1), amortised. A policy
 * that throws all the same, or names a slot that is empty or may not go, is not asked again: the
 * engine says so in its log, and goes on with the least recently used.
 */
public interface EvictionPolicy {
  /** What {@link #coldest} returns when no slot may go. */
  int NONE = -1;

  /**
   * Records that an empty slot was filled.
   *
   * @param slot which
   * @param identity 64 bits of the block's key: the same whenever the block returns
   * @param depth how many blocks precede it in its prefix
   */
  void admitted(int slot, long identity, int depth);

  /** Records that the block in {@code slot} was used. */
  void touched(int slot);

  /** Records that {@code slot} was emptied. */
  void removed(int slot);

  /**
   * Returns the coldest occupied slot that may go, or {@link #NONE}. The slot stays occupied until
   * {@link #removed} says otherwise.
   *
   * @param evictable tells which slots may go
   */
  int coldest(Evictable evictable);
}
