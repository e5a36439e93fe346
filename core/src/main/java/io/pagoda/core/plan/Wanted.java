package io.pagoda.core.plan;

/**
 * Blocks that a put brings.
 *
 * @param positions where each stands in its request
 * @param entries which blocks
 */
public record Wanted(int[] positions, int[] entries) {
  /** {@return how many blocks there are} */
  public int size() {
    return entries.length;
  }
}
