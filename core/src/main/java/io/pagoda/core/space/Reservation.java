package io.pagoda.core.space;

import java.util.Arrays;

/**
 * Slots of the hub, taken for blocks to come. The first {@link #ready} of them may be written to at
 * once; each of the others still holds a block that must first be spilled to a colder tier. There
 * is one spill for each, in the same order.
 *
 * @param slots the slots
 * @param ready how many of them are empty
 * @param spills what leaves the others
 */
public record Reservation(int[] slots, int ready, Spills spills) {
  /** {@return how many slots there are} */
  public int size() {
    return slots.length;
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
      return new Reservation(
          all, ready,
          new Spills(
              Arrays.copyOf(entries, spilled), Arrays.copyOf(hubSlots, spilled),
              Arrays.copyOf(tiers, spilled), Arrays.copyOf(slots, spilled)));
    }
  }
}
