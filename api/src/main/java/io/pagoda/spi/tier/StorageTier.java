package io.pagoda.spi.tier;

import java.util.Optional;

/**
 * A store of equal-sized blocks, each in a numbered slot. A tier moves bytes and decides nothing:
 * which block is where, what leaves and what is fetched early is the engine's to say.
 *
 * <p><b>Threads.</b> {@link #load} and {@link #store} are called from any thread, many at once, and
 * do not block. The engine never stores to a slot while another operation on that slot is in
 * flight.
 *
 * <p><b>Memory.</b> From the call until its completion the memory of a batch is alive and nobody
 * else writes to it. A tier keeps no reference to it afterwards, and writes nothing outside it.
 *
 * <p><b>Failures.</b> Once a call has returned, its completion is called exactly once, and every
 * I/O failure arrives there; a short read is a failure. The calls throw only for misuse: {@link
 * IndexOutOfBoundsException} and {@link IllegalArgumentException} as {@link BlockBatch#checkFits}
 * does, {@link IllegalStateException} after {@link #close}. A call that throws has moved nothing
 * and never completes.
 */
public interface StorageTier extends AutoCloseable {
  /** {@return what this tier offers; the same value at every call} */
  TierSpec spec();

  /**
   * Copies blocks from their slots into memory.
   *
   * @param batch what and where to; may name a slot twice
   * @param completion told how it ended
   */
  void load(BlockBatch batch, Completion completion);

  /**
   * Copies blocks from memory into their slots. A completed store is visible to every later load.
   *
   * @param batch what and where from, no slot twice
   * @param completion told how it ended
   */
  void store(BlockBatch batch, Completion completion);

  /**
   * Returns a further ability of this tier, such as {@link Addressable}: how tiers differ, and how
   * this interface grows.
   *
   * @param <A> the ability
   * @param ability its interface
   */
  default <A> Optional<A> ability(Class<A> ability) {
    return ability.isInstance(this) ? Optional.of(ability.cast(this)) : Optional.empty();
  }

  /**
   * Completes what is in flight, then releases every resource. Returns when both are done; a second
   * call does nothing.
   */
  @Override
  void close();
}
