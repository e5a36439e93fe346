package io.pagoda.core.simulate;

import io.pagoda.BlockKeys;

/**
 * A store of numbers, which is asked as a store is: what is there of a prefix is fetched, and then
 * all of it is put.
 *
 * <p><b>Threads.</b> Confined.
 */
public interface Simulated {
  /** Serves one request; {@code keys} are all different. */
  void serve(BlockKeys keys);

  /** {@return what was asked for and what became of it, so far} */
  Counts counts();

  /**
   * What was counted.
   *
   * @param references blocks that were asked for
   * @param hits blocks of prefixes that were there, by tier
   * @param writes blocks that were stored, by tier; those of the first come from the caller
   */
  record Counts(long references, long[] hits, long[] writes) {
    /** {@return the share of references that hit in any tier} */
    public double hitRatio() {
      long all = 0;
      for (long each : hits) {
        all += each;
      }
      return references == 0 ? 0 : (double) all / references;
    }
  }
}
