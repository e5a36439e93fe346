package io.pagoda.core.plan;

/**
 * Where the blocks of a prefix are.
 *
 * @param entries which blocks, in order
 * @param tiers the tier to take each from, 0 for the hub
 * @param slots its slot there
 */
public record Held(int[] entries, int[] tiers, int[] slots) {
  /** {@return how many blocks there are} */
  public int size() {
    return entries.length;
  }
}
