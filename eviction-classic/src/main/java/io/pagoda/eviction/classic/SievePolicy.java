package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is simpler than LRU" (2024). A block that may not go
 * is passed by the hand, and keeps its mark.
 */
/**
 * One queue in the order of coming, and a hand that passes it, again and again: what was used since
 * it came by stays. 37 bytes per slot.
 */
final class SievePolicy implements EvictionPolicy {
  private static final int LINE = 0;

  /** Of a block whose bringer has not ended yet. */
  private static final byte JUST_CAME = -1;

  private final Lines lines;
  private final byte[] uses;
  private int hand = NONE;
  private int size;

  SievePolicy(int slots) {
    lines = new Lines(slots, 1);
    uses = new byte[slots];
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    uses[slot] = JUST_CAME;
    lines.addLast(LINE, slot);
    size++;
  }

  @Override
  public void touched(int slot) {
    uses[slot] = (byte) Math.min(uses[slot] + 1, 1);
  }

  @Override
  public void removed(int slot) {
    if (slot == hand) {
      hand = lines.next(slot);
    }
    lines.remove(slot);
    size--;
  }

  @Override
  public int coldest(Evictable evictable) {
    for (long left = 2L * size; left > 0; left--) {
      int slot = hand == NONE ? lines.first(LINE) : hand;
      boolean mayGo = evictable.test(slot);
      if (mayGo && uses[slot] <= 0) {
        hand = slot;
        return slot;
      }
      uses[slot] = mayGo ? 0 : uses[slot];
      hand = lines.next(slot);
    }
    return NONE;
  }
}
