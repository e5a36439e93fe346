package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for cache eviction" (2023).
 */
/**
 * Three queues in the order of coming: a small one for what is new, one for what was used while it
 * was there or came back soon, and one of what is gone. 74 bytes per slot.
 */
final class S3FifoPolicy implements EvictionPolicy {
  private static final int SMALL = 0;
  private static final int MAIN = 1;
  private static final int MOST_USES = 3;
  private static final int ENOUGH_USES = 2;

  /** Of a block whose bringer has not ended yet. */
  private static final byte JUST_CAME = -1;

  private final Lines lines;
  private final Prefixes prefixes;
  private final Ghosts ghosts;
  private final long[] identities;
  private final byte[] uses;
  private final int mostSmall;
  private final int mostMain;
  private int small;
  private int main;
  private int named = NONE;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param share of them is for what is new
   */
  S3FifoPolicy(int slots, double share) {
    lines = new Lines(slots, 2);
    prefixes = new Prefixes(slots);
    mostSmall = Math.max(1, (int) (slots * share));
    mostMain = slots - mostSmall;
    ghosts = new Ghosts(Math.max(1, mostMain), 1);
    identities = new long[slots];
    uses = new byte[slots];
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    uses[slot] = JUST_CAME;
    int ghost = ghosts.find(identity);
    if (ghost == Ghosts.NONE) {
      add(slot, SMALL);
    } else {
      ghosts.forget(ghost);
      add(slot, MAIN);
    }
  }

  private void add(int slot, int to) {
    lines.addLast(to, slot);
    count(to, 1);
  }

  private void take(int slot) {
    count(lines.line(slot), -1);
    lines.remove(slot);
  }

  private void count(int of, int more) {
    if (of == SMALL) {
      small += more;
    } else {
      main += more;
    }
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    uses[slot] = (byte) Math.min(uses[slot] + 1, MOST_USES);
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    boolean remembered = slot == named && lines.line(slot) == SMALL;
    take(slot);
    named = NONE;
    if (remembered && ghosts.find(identities[slot]) == Ghosts.NONE) {
      if (ghosts.full()) {
        ghosts.forget(ghosts.oldest(0));
      }
      ghosts.add(0, identities[slot]);
    }
  }

  @Override
  public int coldest(Evictable evictable) {
    int slot = NONE;
    if (small >= mostSmall || main == 0) {
      slot = ofSmall(evictable);
    }
    if (slot == NONE) {
      slot = ofMain(evictable);
    }
    named = slot == NONE ? lines.coldest(SMALL, MAIN, prefixes, evictable) : slot;
    return named;
  }

  private int ofSmall(Evictable evictable) {
    int slot = lines.coldest(SMALL, prefixes, evictable);
    while (slot != NONE && uses[slot] >= ENOUGH_USES) {
      take(slot);
      uses[slot] = 0;
      add(slot, MAIN);
      if (main > mostMain) {
        return NONE;
      }
      slot = lines.coldest(SMALL, prefixes, evictable);
    }
    return slot;
  }

  private int ofMain(Evictable evictable) {
    int slot = lines.coldest(MAIN, prefixes, evictable);
    while (slot != NONE && uses[slot] > 0) {
      take(slot);
      uses[slot]--;
      add(slot, MAIN);
      slot = lines.coldest(MAIN, prefixes, evictable);
    }
    return slot;
  }
}
