package io.pagoda;

import java.util.List;

/**
 * What a store has done since it was opened.
 *
 * @param tiers its tiers, hottest first
 * @param hops its roads, each direction by itself
 * @param jobs how its jobs ended
 */
public record StoreStatistics(List<Tier> tiers, List<Hop> hops, Jobs jobs) {
  /**
   * One tier.
   *
   * @param name the tier
   * @param slots how many blocks it can hold
   * @param used how many slots are taken
   * @param hits blocks that a fetch took from it
   * @param evictions blocks that had to leave it
   * @param lost blocks that failed to arrive, or arrived wrong
   * @param corrupt those of them whose bytes failed verification
   */
  public record Tier(
      String name, int slots, int used, long hits, long evictions, long lost, long corrupt) {}

  /**
   * One direction of a road.
   *
   * @param from the tier that bytes leave
   * @param to the tier they reach
   * @param blocks how many blocks arrived
   * @param bytes how many bytes that was
   * @param busyNanos how long at least one batch was on the way
   */
  public record Hop(String from, String to, long blocks, long bytes, long busyNanos) {
    /** {@return 10<sup>9</sup> bytes per second while busy, or 0 if it never was} */
    public double gigabytesPerSecond() {
      return busyNanos == 0 ? 0 : (double) bytes / busyNanos;
    }
  }

  /**
   * How jobs ended.
   *
   * @param completed in full
   * @param partial in part
   * @param failed without a block
   * @param cancelled by their callers
   * @param expired at their deadlines
   * @param running not yet
   */
  public record Jobs(
      long completed, long partial, long failed, long cancelled, long expired, long running) {}
}
