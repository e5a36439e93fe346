package io.pagoda.node.sim;

/**
 * What a block costs the caller, in milliseconds, as `pagoda bench` and the engine measure it.
 *
 * @param compute to compute it
 * @param load to load it from the first tier
 * @param loadBelow to load it from the tier below
 */
public record SimCosts(double compute, double load, double loadBelow) {
  /** Checks the values. */
  public SimCosts {
    if (!(compute >= 0 && load >= 0 && loadBelow >= 0)) {
      throw new IllegalArgumentException(
          "Costs are not negative: compute=%s load=%s load-below=%s"
              .formatted(compute, load, loadBelow));
    }
  }

  /**
   * {@return how long a request waits for its first token on the average, in milliseconds: the sum
   * of what its blocks cost, as if nothing went on beside}
   */
  double firstToken(SimCell cell, SimTrace trace) {
    double below = cell.hitRatio(1);
    double first = cell.hitRatio() - below;
    double perBlock = first * load + below * loadBelow + (1 - cell.hitRatio()) * compute;
    return perBlock * trace.references() / trace.requests().size();
  }
}
