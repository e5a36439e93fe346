package io.pagoda.core.simulate;

import io.pagoda.BlockKeys;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * A cache as the literature has it: blocks are used one by one, the first of a request first, and
 * each that is missing takes the place of another, whatever follows that in its prefix. Hits are
 * those of consecutive blocks from the beginning that were there when the request came.
 */
public final class PlainCache implements Simulated {
  private final EvictionPolicy policy;
  private final BlockIndex index;
  private final int[] blocks;
  private int used;
  private long references;
  private long hits;
  private long writes;

  /** Creates an empty cache. */
  public PlainCache(int slots, EvictionPolicy policy) {
    this.policy = policy;
    this.index = new BlockIndex(1, slots + slots / 64 + 1);
    this.blocks = new int[slots];
  }

  @Override
  public void serve(BlockKeys keys) {
    int size = keys.size();
    references += size;
    int matched = 0;
    while (matched < size && index.find(keys.high(matched), keys.low(matched)) >= 0) {
      matched++;
    }
    hits += matched;
    for (int i = 0; i < size; i++) {
      use(keys, i);
    }
  }

  private void use(BlockKeys keys, int i) {
    int entry = index.find(keys.high(i), keys.low(i));
    if (entry >= 0) {
      policy.touched(index.slot(entry, 0));
      return;
    }
    int slot = used < blocks.length ? used++ : emptied();
    int added = index.add(keys.high(i), keys.low(i), BlockIndex.NONE, i);
    index.assign(added, 0, slot);
    index.publish(added, 0);
    blocks[slot] = added;
    writes++;
    policy.admitted(slot, keys.low(i), i);
    policy.touched(slot);
  }

  private int emptied() {
    int slot = policy.coldest(_ -> true);
    policy.removed(slot);
    index.unassign(blocks[slot], 0);
    index.sweep();
    return slot;
  }

  @Override
  public Counts counts() {
    return new Counts(references, new long[] {hits}, new long[] {writes});
  }
}
