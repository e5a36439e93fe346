package io.pagoda;

/**
 * Hears what peers have written.
 *
 * <p><b>Threads.</b> Called by a transport's threads; returns soon, does not block, does not throw.
 */
@FunctionalInterface
public interface KvArrivals {
  /** Hears nothing. */
  KvArrivals NONE = _ -> {};

  /**
   * Blocks have arrived: called once for every write that was completed at the peer. A write whose
   * peer was lost before it knew is told once or never.
   *
   * @param arrival what
   */
  void arrived(KvArrival arrival);
}
