package io.pagoda.core.plan;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

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

  /**
   * Returns the same copies in a larger plan.
   *
   * @param position where the request's positions start there
   * @param reserved where its gathered blocks start there
   */
  public Copies movedBy(int position, int reserved) {
    return new Copies(
        tier, Arrays.stream(positions).map(i -> i + position).toArray(), entries, slots, hubSlots,
        Arrays.stream(gathered).map(i -> i == IN_HUB ? IN_HUB : i + reserved).toArray());
  }

  /** {@return the copies of all to one tier} */
  public static Copies joined(List<Copies> all) {
    return new Copies(
        all.getFirst().tier, joined(all, Copies::positions), joined(all, Copies::entries),
        joined(all, Copies::slots), joined(all, Copies::hubSlots), joined(all, Copies::gathered));
  }

  private static int[] joined(List<Copies> all, Function<Copies, int[]> which) {
    return all.stream().map(which).flatMapToInt(Arrays::stream).toArray();
  }
}
