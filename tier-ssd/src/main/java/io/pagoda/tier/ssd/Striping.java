package io.pagoda.tier.ssd;

import java.util.Arrays;
import java.util.stream.IntStream;

/*
 * The slots of a device with n of them stand at (k + 1/2) / n of the way, k = 0, 1, …; the slots of
 * all devices are counted in this order, those at one place by device. So every stretch of slots
 * has of each device what is its due, give or take one. Where devices differ by one slot at most,
 * the larger ones first, that is slot s on device s mod D.
 *
 * Places are compared as (2k + 1) × the other's n, which is below 2^63.
 */
/** Which slot is on which device: each has its share of any stretch of slots. */
final class Striping {
  private static final long DEVICE = 1L << 32;

  private final int[] slots;
  private final int total;
  private final int largest;
  private final boolean inTurns;

  private Striping(int[] slots) {
    this.slots = slots;
    this.total = Math.toIntExact(Arrays.stream(slots).asLongStream().sum());
    this.largest = Arrays.stream(slots).max().orElse(0);
    this.inTurns = Arrays.equals(slots, turns(total, slots.length));
    if (total < 1 || Arrays.stream(slots).min().orElse(-1) < 0) {
      throw new IllegalArgumentException("Devices have slots, not " + Arrays.toString(slots));
    }
  }

  /** Returns the striping of devices with so many slots each. */
  static Striping of(int... slots) {
    return new Striping(slots.clone());
  }

  /** Returns the striping of {@code slots} over devices of one size. */
  static Striping even(int slots, int devices) {
    return new Striping(turns(slots, devices));
  }

  int devices() {
    return slots.length;
  }

  /** {@return how many slots there are} */
  int slots() {
    return total;
  }

  /** {@return how many slots are on {@code device}} */
  int slotsIn(int device) {
    return slots[device];
  }

  /** {@return how many slots are on the largest device} */
  int largest() {
    return largest;
  }

  /** {@return which device has {@code slot}} */
  int device(int slot) {
    return inTurns ? slot % slots.length : (int) (place(slot) >>> 32);
  }

  /** {@return which of its device's slots {@code slot} is} */
  int index(int slot) {
    return inTurns ? slot / slots.length : (int) place(slot);
  }

  /** {@return the slot with {@code index} among those of {@code device}} */
  int slot(int device, int index) {
    if (inTurns) {
      return index * slots.length + device;
    }
    long slot = index;
    for (int other = 0; other < slots.length; other++) {
      if (other != device) {
        slot += before(device, index, other);
      }
    }
    return (int) slot;
  }

  /**
   * {@return whether every slot of {@code former} is where it was: all devices have grown in one
   * proportion, or their slots are counted in turns as before}
   */
  boolean continues(Striping former) {
    return former.devices() == devices()
        && former.slots() <= slots()
        && ((inTurns && former.inTurns) || proportionate(former));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Striping that && Arrays.equals(slots, that.slots);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(slots);
  }

  /** {@return how many slots each device has} */
  @Override
  public String toString() {
    return Arrays.toString(slots);
  }

  private boolean proportionate(Striping former) {
    return IntStream.range(0, slots.length)
        .allMatch(
            device -> (long) slots[device] * former.total == (long) former.slots[device] * total);
  }

  /** {@return how many slots of {@code other} are counted before one of {@code device}} */
  private long before(int device, int index, int other) {
    long at = (2L * index + 1) * slots[other];
    long step = slots[device];
    return (at + step - (other < device ? 0 : 1)) / (2 * step);
  }

  /** {@return device and index: looked for on each device around where it would be} */
  private long place(int slot) {
    for (int device = 0; device < slots.length; device++) {
      int index =
          (int) Math.min(slots[device] - 1L, (2L * slot + 1) * slots[device] / (2L * total));
      if (index >= 0) {
        while (index > 0 && slot(device, index) > slot) {
          index--;
        }
        while (index < slots[device] - 1 && slot(device, index) < slot) {
          index++;
        }
        if (slot(device, index) == slot) {
          return device * DEVICE | index;
        }
      }
    }
    throw new IllegalArgumentException("There is no slot %d of %d".formatted(slot, total));
  }

  private static int[] turns(int slots, int devices) {
    int[] each = new int[devices];
    Arrays.setAll(each, device -> (slots - device + devices - 1) / devices);
    return each;
  }
}
