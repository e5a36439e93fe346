package io.pagoda.node.sim;

import io.pagoda.core.simulate.Simulated.Counts;
import java.util.Optional;

/**
 * One policy at one capacity.
 *
 * @param policy what it is called
 * @param capacity how many blocks the first tier holds
 * @param hitRatio the share of references that hit
 * @param counts what was counted, if blocks were stored; an optimum stores none
 * @param seconds how long it took
 */
public record SimCell(
    String policy, int capacity, double hitRatio, Optional<Counts> counts, double seconds) {
  /** {@return how many blocks were written to a tier} */
  public long writes(int tier) {
    return counts.map(known -> known.writes()[tier]).orElse(0L);
  }

  /** {@return the share of references that hit in a tier} */
  public double hitRatio(int tier) {
    return counts.filter(known -> tier < known.hits().length)
        .map(known -> (double) known.hits()[tier] / known.references())
        .orElse(0.0);
  }
}
