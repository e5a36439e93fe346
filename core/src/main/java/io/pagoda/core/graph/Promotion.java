package io.pagoda.core.graph;

/** What happens to a block of a colder tier when a fetch brings it up through the hub. */
public enum Promotion {
  /**
   * It becomes a block of the hub. The colder copy stays while nobody needs its slot, and is the
   * first to give way: together the tiers hold as much as both.
   */
  MOVE,
  /** It becomes a block of the hub, and the colder copy stays as good as any. */
  COPY,
  /** It passes through the hub and stays where it was. */
  NEVER
}
