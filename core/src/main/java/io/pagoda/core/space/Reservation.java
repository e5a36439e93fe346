package io.pagoda.core.space;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Slots of the hub, taken for blocks to come. Some may be written to at once; each of the others
 * still holds a block that must first be spilled to a colder tier.
 *
 * @param slots the slots
 * @param spill for each which of the spills empties it, or {@link #EMPTY}
 * @param spills what leaves
 */
public record Reservation(int[] slots, int[] spill, Spills spills) {
  /** Nothing has to leave a slot. */
  public static final int EMPTY = -1;

  /** {@return how many slots there are} */
  public int size() {
    return slots.length;
  }

  /** {@return one reservation with the slots of all, in order} */
  public static Reservation joined(List<Reservation> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    int[] slots = joined(parts, Reservation::slots);
    int[] spill = joined(parts, Reservation::spill);
    int from = 0;
    int earlier = 0;
    for (Reservation part : parts) {
      for (int i = 0; i < part.size(); i++, from++) {
        spill[from] += spill[from] == EMPTY ? 0 : earlier;
      }
      earlier += part.spills.size();
    }
    var spills = new Spills(
        joined(parts, part -> part.spills.entries), joined(parts, part -> part.spills.hubSlots),
        joined(parts, part -> part.spills.tiers), joined(parts, part -> part.spills.slots));
    return new Reservation(slots, spill, spills);
  }

  private static int[] joined(List<Reservation> parts, Function<Reservation, int[]> which) {
    return parts.stream().map(which).flatMapToInt(Arrays::stream).toArray();
  }

  /**
   * Blocks on their way down: block {@code i} leaves slot {@code hubSlots[i]} of the hub for slot
   * {@code slots[i]} of tier {@code tiers[i]}.
   *
   * @param entries which blocks
   * @param hubSlots the slots of the hub that still hold them
   * @param tiers where each goes
   * @param slots the slot that is taken for it there
   */
  public record Spills(int[] entries, int[] hubSlots, int[] tiers, int[] slots) {
    /** {@return how many blocks are on their way} */
    public int size() {
      return entries.length;
    }
  }

  /** Collects a reservation, slot by slot. */
  static final class Builder {
    private final int[] emptied;
    private final int[] entries;
    private final int[] hubSlots;
    private final int[] tiers;
    private final int[] slots;
    private int ready;
    private int spilled;

    Builder(int count) {
      emptied = new int[count];
      entries = new int[count];
      hubSlots = new int[count];
      tiers = new int[count];
      slots = new int[count];
    }

    void ready(int hubSlot) {
      emptied[ready++] = hubSlot;
    }

    void spill(int entry, int hubSlot, int tier, int slot) {
      entries[spilled] = entry;
      hubSlots[spilled] = hubSlot;
      tiers[spilled] = tier;
      slots[spilled++] = slot;
    }

    Reservation build() {
      int[] all = Arrays.copyOf(emptied, ready + spilled);
      System.arraycopy(hubSlots, 0, all, ready, spilled);
      int[] spill = new int[all.length];
      Arrays.setAll(spill, i -> i < ready ? EMPTY : i - ready);
      return new Reservation(
          all, spill,
          new Spills(
              Arrays.copyOf(entries, spilled), Arrays.copyOf(hubSlots, spilled),
              Arrays.copyOf(tiers, spilled), Arrays.copyOf(slots, spilled)));
    }
  }
}
