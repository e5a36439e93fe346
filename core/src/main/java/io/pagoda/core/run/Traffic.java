package io.pagoda.core.run;

/**
 * What has moved between the hub and one other place.
 *
 * @param up towards the hub
 * @param down away from it
 */
public record Traffic(Sum up, Sum down) {
  /**
   * One direction.
   *
   * @param blocks how many blocks arrived
   * @param bytes how many bytes that was
   * @param busyNanos how long at least one batch was on the way
   */
  public record Sum(long blocks, long bytes, long busyNanos) {}
}
