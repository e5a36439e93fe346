package io.pagoda.core.space;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * Least recently used. Since the engine reports a prefix last block first, the coldest block is a
 * leaf of the prefix tree without anybody looking for one.
 *
 * <p>A cold block that may not go counts as used: it is pinned, and so it is. That makes the search
 * O(1) amortised, paid by whoever pinned.
 */
final class LruPolicy implements EvictionPolicy {
  private final SlotList order;

  LruPolicy(int slots) {
    order = new SlotList(slots);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    order.addFirst(slot);
  }

  @Override
  public void touched(int slot) {
    order.moveFirst(slot);
  }

  @Override
  public void removed(int slot) {
    order.remove(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    for (int left = order.size(); left > 0; left--) {
      int slot = order.last();
      if (evictable.test(slot)) {
        return slot;
      }
      order.moveFirst(slot);
    }
    return NONE;
  }
}
