package io.pagoda.core.space;

import io.pagoda.Namespace;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.index.BlockIndex;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/*
 * For each quota a list of its blocks, the most recently used first, in two arrays over the
 * entries of the index; like the tiers' own order it has the leaves of a prefix behind its
 * beginning. Without quotas there are no arrays, and every block is nobody's.
 *
 * Who looks for the coldest takes what may not go out of the list, and it comes back, coldest of
 * all, when it may: whoever pinned a block has paid for it to be passed over once, not at every
 * look.
 */
/**
 * Whose blocks there are, where somebody has a quota.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Tenants {
  /** The owner of a block that counts against no quota. */
  static final int NOBODY = 0;

  private static final int NONE = -1;

  /** In place of a successor: the block is not in its list, since it may not go. */
  private static final int ASIDE = -2;

  private final BlockIndex index;
  private final LongSupplier seconds;

  /** The quotas; those of the deepest namespaces first. Owner {@code i} has the quota before it. */
  private final List<Quota> quotas;

  private final int[] next;
  private final int[] previous;
  private final int[] usedAt;
  private final int[] first;
  private final int[] last;
  private final int[] size;

  /**
   * Creates the books of a store without blocks.
   *
   * @param index of the blocks
   * @param quotas what namespaces may keep
   * @param seconds the time in seconds, from any origin
   */
  Tenants(BlockIndex index, List<Quota> quotas, LongSupplier seconds) {
    this.index = index;
    this.seconds = seconds;
    this.quotas = quotas.stream()
        .sorted(Comparator.comparingInt(quota -> -quota.namespace().parts().size()))
        .toList();
    int entries = quotas.isEmpty() ? 0 : index.capacity();
    this.next = new int[entries];
    this.previous = new int[entries];
    this.usedAt = new int[entries];
    this.first = new int[quotas.size() + 1];
    this.last = new int[quotas.size() + 1];
    this.size = new int[quotas.size() + 1];
    Arrays.fill(first, NONE);
    Arrays.fill(last, NONE);
    if (!quotas.isEmpty()) {
      index.onEnd(this::forget);
      index.onFreed(this::comeBack);
    }
  }

  /** {@return who has the quota of a namespace, or {@link #NOBODY}} */
  int owner(Namespace namespace) {
    for (int i = 0; i < quotas.size(); i++) {
      if (quotas.get(i).covers(namespace)) {
        return i + 1;
      }
    }
    return NOBODY;
  }

  /** {@return how many more blocks an owner may have} */
  int room(int owner) {
    index.sweep();
    return owner == NOBODY ? Integer.MAX_VALUE : quotas.get(owner - 1).blocks() - size[owner];
  }

  /** {@return what an owner may keep} */
  Quota quota(int owner) {
    return quotas.get(owner - 1);
  }

  void own(int entry, int owner) {
    if (owner != NOBODY) {
      index.own(entry, owner);
      size[owner]++;
      addFirst(entry, owner);
    }
  }

  void touch(int entry) {
    int owner = index.owner(entry);
    if (owner != NOBODY) {
      takeOut(entry, owner);
      addFirst(entry, owner);
    }
  }

  /** {@return an owner's block that was used longest ago, of those that may go; or -1} */
  int coldest(int owner) {
    index.sweep();
    for (int entry = last[owner]; entry != NONE; entry = last[owner]) {
      if (mayGo(entry)) {
        return entry;
      }
      unlink(entry, owner);
      next[entry] = ASIDE;
    }
    return NONE;
  }

  private boolean mayGo(int entry) {
    return !index.pinned(entry) && index.leaf(entry);
  }

  private void comeBack(int entry) {
    if (next[entry] == ASIDE && index.leaf(entry)) {
      addLast(entry, index.owner(entry));
    }
  }

  /** {@return a block that has outlived its time, or -1} */
  int outlived() {
    for (int owner = 1; owner <= quotas.size(); owner++) {
      long life = quotas.get(owner - 1).timeToLive().toSeconds();
      int entry = life == 0 ? NONE : coldest(owner);
      if (entry != NONE && (int) seconds.getAsLong() - usedAt[entry] >= life) {
        return entry;
      }
    }
    return NONE;
  }

  /** {@return whether any block may outlive its time} */
  boolean mortal() {
    for (int owner = 1; owner <= quotas.size(); owner++) {
      if (size[owner] > 0 && quotas.get(owner - 1).timeToLive().isPositive()) {
        return true;
      }
    }
    return false;
  }

  private void forget(int entry) {
    int owner = index.owner(entry);
    if (owner != NOBODY) {
      takeOut(entry, owner);
      size[owner]--;
    }
  }

  private void takeOut(int entry, int owner) {
    if (next[entry] != ASIDE) {
      unlink(entry, owner);
    }
  }

  private void addLast(int entry, int owner) {
    next[entry] = NONE;
    previous[entry] = last[owner];
    if (last[owner] == NONE) {
      first[owner] = entry;
    } else {
      next[last[owner]] = entry;
    }
    last[owner] = entry;
  }

  private void addFirst(int entry, int owner) {
    usedAt[entry] = (int) seconds.getAsLong();
    next[entry] = first[owner];
    previous[entry] = NONE;
    if (first[owner] == NONE) {
      last[owner] = entry;
    } else {
      previous[first[owner]] = entry;
    }
    first[owner] = entry;
  }

  private void unlink(int entry, int owner) {
    int before = previous[entry];
    int after = next[entry];
    if (before == NONE) {
      first[owner] = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      last[owner] = before;
    } else {
      previous[after] = before;
    }
  }
}
