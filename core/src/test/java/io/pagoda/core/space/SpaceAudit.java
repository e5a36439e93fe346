package io.pagoda.core.space;

import io.pagoda.core.index.BlockIndex;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares the slots of a space with what its index says. */
public final class SpaceAudit {
  private final Space space;
  private final BlockIndex index;

  public SpaceAudit(Space space, BlockIndex index) {
    this.space = space;
    this.index = index;
  }

  /**
   * Throws if a slot has two owners, or an owner that does not know it.
   *
   * @param entries every entry of the index
   * @param tiers how many tiers
   */
  public void check(List<Integer> entries, int tiers) {
    for (int tier = 0; tier < tiers; tier++) {
      TierSpace slots = space.tier(tier);
      Set<Integer> free = slots.freeSlots();
      Map<Integer, Integer> owners = new HashMap<>();
      for (int entry : entries) {
        int slot = index.slot(entry, tier);
        if (slot == BlockIndex.NONE) {
          continue;
        }
        Integer other = owners.put(slot, entry);
        require(other == null, "slot %d of tier %d is %d's and %d's", slot, tier, other, entry);
        require(!free.contains(slot), "slot %d of tier %d is free and %d's", slot, tier, entry);
        int expected = index.ready(entry, tier) ? entry : TierSpace.NONE;
        require(
            slots.entry(slot) == expected, "slot %d of tier %d holds %d, should hold %d", slot,
            tier, slots.entry(slot), expected);
      }
      for (int slot = 0; slot < slots.slots(); slot++) {
        int entry = slots.entry(slot);
        require(
            entry == TierSpace.NONE || owners.getOrDefault(slot, -1) == entry,
            "slot %d of tier %d holds %d, which does not know it", slot, tier, entry);
        require(
            !slots.spare(slot) || index.ready(entry, Space.HUB),
            "slot %d of tier %d is spare but the hub lacks its block", slot, tier, entry);
      }
    }
  }

  /** {@return how many slots of a tier are neither free nor any entry's} */
  public int inTransit(List<Integer> entries, int tier) {
    Set<Integer> taken = new HashSet<>();
    for (int entry : entries) {
      taken.add(index.slot(entry, tier));
    }
    taken.remove(BlockIndex.NONE);
    return space.used(tier) - taken.size();
  }

  private static void require(boolean condition, String message, Object... what) {
    if (!condition) {
      throw new AssertionError(message.formatted(what));
    }
  }
}
