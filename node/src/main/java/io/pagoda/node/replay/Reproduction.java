package io.pagoda.node.replay;

import java.util.List;

/**
 * How a run that was repeated compares with the one that was traced.
 *
 * @param outcomes how many outcomes were compared
 * @param differing how many of them differ
 * @param skipped requests that refer to lines which the trace does not have
 * @param dropped how many lines the trace says it lacks
 * @param fromTheBeginning whether the trace begins where the store did
 * @param torn whether its last line was torn off
 * @param sameStore whether the store was opened as the trace says
 * @param differences the first that differ, for people
 */
public record Reproduction(
    long outcomes, long differing, long skipped, long dropped, boolean fromTheBeginning,
    boolean torn, boolean sameStore, List<String> differences) {
  /** Copies the list. */
  public Reproduction {
    differences = List.copyOf(differences);
  }

  /** {@return whether every outcome is the one that was traced, and none is missing} */
  public boolean exact() {
    return outcomes > 0 && differing == 0 && skipped == 0 && dropped == 0;
  }
}
