package io.pagoda.core.space;

import io.pagoda.spi.tier.Zoned;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Slots for whose blocks their medium had no room. They are tried again now and then, one at a time
 * on each medium.
 *
 * <p><b>Threads.</b> Confined.
 */
final class BarrenSlots {
  /** How many stores pass before a slot is tried again for the first time. */
  private static final int PROBE_INTERVAL = 256;

  private final Optional<Zoned> zoned;
  private final Zone[] zones;
  private int size;

  private static final class Zone {
    final ArrayDeque<Integer> slots = new ArrayDeque<>();
    int stores;
    int interval = PROBE_INTERVAL;
  }

  /**
   * Finds room everywhere.
   *
   * @param zoned which medium a slot is on, if there are several
   */
  BarrenSlots(Optional<Zoned> zoned) {
    this.zoned = zoned;
    this.zones = new Zone[zoned.map(Zoned::zones).orElse(1)];
    Arrays.setAll(zones, _ -> new Zone());
  }

  /** Adds a slot that could not be filled. */
  void add(int slot) {
    addUntried(slot);
    zone(slot).interval = PROBE_INTERVAL;
  }

  /** Adds a slot of a medium on which another could not be filled. */
  void addUntried(int slot) {
    zone(slot).slots.add(slot);
    size++;
  }

  /** {@return whether a slot is on a medium that has no room} */
  boolean concern(int slot) {
    return size > 0 && !zone(slot).slots.isEmpty();
  }

  /** {@return whether no medium has room} */
  boolean everywhere() {
    return size > 0 && Arrays.stream(zones).noneMatch(zone -> zone.slots.isEmpty());
  }

  /** Removes any of them, and returns it or {@link TierSpace#NONE}. */
  int take() {
    for (Zone zone : zones) {
      if (!zone.slots.isEmpty()) {
        return remove(zone);
      }
    }
    return TierSpace.NONE;
  }

  /**
   * Notes that a slot was filled, of whatever medium. After many of them one of each medium is to
   * be tried again, and sooner and sooner as long as none fails.
   *
   * @param again takes over what is to be tried
   */
  void filled(IntConsumer again) {
    if (size == 0) {
      return;
    }
    for (Zone zone : zones) {
      if (!zone.slots.isEmpty() && ++zone.stores >= zone.interval) {
        zone.stores = 0;
        zone.interval = Math.max(1, zone.interval / 2);
        again.accept(remove(zone));
      }
    }
  }

  int size() {
    return size;
  }

  /** Tells of every one of them; for tests. */
  void forEach(IntConsumer what) {
    for (Zone zone : zones) {
      zone.slots.forEach(what::accept);
    }
  }

  private int remove(Zone zone) {
    size--;
    return zone.slots.remove();
  }

  private Zone zone(int slot) {
    return zones[zoned.map(where -> where.zone(slot)).orElse(0)];
  }
}
