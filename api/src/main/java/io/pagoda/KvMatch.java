package io.pagoda;

/** What the store holds of a request, pinned, ready to be fetched. */
public interface KvMatch extends KvPlan {
  /**
   * Returns how many tokens come from a tier.
   *
   * @param tier its name
   */
  int tokensAt(String tier);
}
