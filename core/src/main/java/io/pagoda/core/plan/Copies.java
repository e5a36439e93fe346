package io.pagoda.core.plan;

/**
 * Blocks of the hub that are to be in a colder tier too.
 *
 * @param tier which tier
 * @param positions where each stands in its request
 * @param entries which blocks
 * @param slots the slot that is taken for each in the tier
 * @param hubSlots its slot of the hub
 * @param gathered its number among the blocks that the same put gathers, or {@link #IN_HUB}
 */
public record Copies(
    int tier, int[] positions, int[] entries, int[] slots, int[] hubSlots, int[] gathered) {
  /** The block's bytes are in the hub already. */
  public static final int IN_HUB = -1;

  /** {@return how many blocks there are} */
  public int size() {
    return entries.length;
  }
}
