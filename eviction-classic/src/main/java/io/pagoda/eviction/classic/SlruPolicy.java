package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * Least recently used, in two segments: what was used often is protected, and goes only when
 * nothing else may. The use that brought a block does not count.
 *
 * <p>40 bytes per slot.
 */
final class SlruPolicy implements EvictionPolicy {
  private static final int UNPROTECTED = 0;
  private static final int PROTECTED = 1;

  /** Of a block whose bringer has not ended yet. */
  private static final int JUST_CAME = -1;

  private final Lines lines;
  private final Prefixes prefixes;
  private final int protectedHits;

  /** How often each block was used, as far as it matters. */
  private final int[] hits;

  SlruPolicy(int slots, int protectedHits) {
    this.lines = new Lines(slots, 2);
    this.prefixes = new Prefixes(slots);
    this.protectedHits = protectedHits;
    this.hits = new int[slots];
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    hits[slot] = JUST_CAME;
    lines.addLast(UNPROTECTED, slot);
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    lines.remove(slot);
    hits[slot] = Math.min(hits[slot], protectedHits - 1) + 1;
    lines.addLast(hits[slot] == protectedHits ? PROTECTED : UNPROTECTED, slot);
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    lines.remove(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    return lines.coldest(UNPROTECTED, PROTECTED, prefixes, evictable);
  }
}
