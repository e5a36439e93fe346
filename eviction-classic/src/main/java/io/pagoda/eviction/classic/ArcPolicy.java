package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Megiddo, Modha, "ARC: a self-tuning, low overhead replacement cache" (2003). Who has to go is
 * asked before it is known who comes, so a block that comes back moves the target after its victim
 * was chosen, not before; and a tie is never broken by whose ghost it was. Steps are whole blocks.
 */
/** Adapts how much is kept of what was used once, and of what was used again. 84 bytes per slot. */
final class ArcPolicy implements EvictionPolicy {
  private static final int ONCE = 0;
  private static final int AGAIN = 1;

  private final int slots;
  private final Lines lines;
  private final Prefixes prefixes;
  private final Ghosts ghosts;
  private final long[] identities;

  /** Not used yet but by who brought it. */
  private final boolean[] came;

  private final int[] sizes = new int[2];
  private int target;
  private int named = NONE;

  ArcPolicy(int slots) {
    this.slots = slots;
    lines = new Lines(slots, 2);
    prefixes = new Prefixes(slots);
    ghosts = new Ghosts(2 * slots + 1, 2);
    identities = new long[slots];
    came = new boolean[slots];
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    came[slot] = true;
    add(slot, recall(ghosts.find(identity)));
    trim();
  }

  /** Learns from who comes back; returns where it belongs. */
  private int recall(int ghost) {
    if (ghost == Ghosts.NONE) {
      return ONCE;
    }
    int once = ghosts.size(ONCE);
    int again = ghosts.size(AGAIN);
    target = ghosts.list(ghost) == ONCE
        ? Math.min(slots, target + Math.max(1, again / once))
        : Math.max(0, target - Math.max(1, once / again));
    ghosts.forget(ghost);
    return AGAIN;
  }

  private void add(int slot, int to) {
    lines.addLast(to, slot);
    sizes[to]++;
  }

  private void take(int slot) {
    sizes[lines.line(slot)]--;
    lines.remove(slot);
  }

  private void trim() {
    while (sizes[ONCE] + ghosts.size(ONCE) > slots && ghosts.size(ONCE) > 0) {
      ghosts.forget(ghosts.oldest(ONCE));
    }
    while (sizes[ONCE] + sizes[AGAIN] + ghosts.size() > 2 * slots && ghosts.size(AGAIN) > 0) {
      ghosts.forget(ghosts.oldest(AGAIN));
    }
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    int to = came[slot] ? lines.line(slot) : AGAIN;
    came[slot] = false;
    take(slot);
    add(slot, to);
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    int from = lines.line(slot);
    take(slot);
    if (slot == named && ghosts.find(identities[slot]) == Ghosts.NONE) {
      ghosts.add(from, identities[slot]);
      trim();
    }
    named = NONE;
  }

  @Override
  public int coldest(Evictable evictable) {
    int preferred = sizes[ONCE] > target ? ONCE : AGAIN;
    named = lines.coldest(preferred, 1 - preferred, prefixes, evictable);
    return named;
  }
}
