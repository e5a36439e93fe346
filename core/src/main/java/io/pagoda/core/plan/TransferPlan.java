package io.pagoda.core.plan;

import java.util.List;

/**
 * What moves, where and after what. Hops wait only for earlier hops, so a plan always comes to an
 * end.
 *
 * @param hops the batches
 */
public record TransferPlan(List<Hop> hops) {
  /** A plan with nothing to do. */
  public static final TransferPlan NOTHING = new TransferPlan(List.of());

  /** Checks that no hop waits for a later one. */
  public TransferPlan {
    hops = List.copyOf(hops);
    for (int i = 0; i < hops.size(); i++) {
      for (int before : hops.get(i).after()) {
        if (before < 0 || before >= i) {
          throw new IllegalArgumentException("Hop " + i + " waits for hop " + before);
        }
      }
    }
  }
}
