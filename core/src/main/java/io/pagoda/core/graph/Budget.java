package io.pagoda.core.graph;

/**
 * How much a road may carry.
 *
 * @param read bytes per second on the way to the hub; 0 is as much as there is
 * @param write bytes per second on the way down, likewise
 */
public record Budget(long read, long write) {
  /** As much as there is. */
  public static final Budget NONE = new Budget(0, 0);

  /** Checks the values. */
  public Budget {
    if (read < 0 || write < 0) {
      throw new IllegalArgumentException(
          "A budget is not negative: read %d, write %d".formatted(read, write));
    }
  }
}
