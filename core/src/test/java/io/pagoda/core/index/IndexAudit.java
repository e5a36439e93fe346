package io.pagoda.core.index;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Recomputes what an index should know from what it says, at the cost of looking at everything. */
public final class IndexAudit {
  private final BlockIndex index;
  private final int tiers;
  private final IntPredicate shared;

  public IndexAudit(BlockIndex index, int tiers) {
    this(index, tiers, _ -> false);
  }

  /** Audits an index of which some tiers are others' too, who know the checksums. */
  public IndexAudit(BlockIndex index, int tiers, IntPredicate shared) {
    this.index = index;
    this.tiers = tiers;
    this.shared = shared;
  }

  /** {@return every entry that a look-up can find} */
  public List<Integer> entries() {
    List<Integer> entries = new ArrayList<>();
    for (int entry = 0; entry < index.capacity(); entry++) {
      boolean known = index.find(index.high(entry), index.low(entry)) == entry;
      if (known) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** Throws if counts, links or look-ups disagree. */
  public void check() {
    List<Integer> entries = entries();
    require(entries.size() == index.size(), "size says " + index.size() + ", found " + entries);
    int[] children = new int[index.capacity() * tiers];
    for (int entry : entries) {
      require(index.placed(entry) || index.pinned(entry), entry + " is nowhere and nobody's");
      for (int tier = 0; tier < tiers; tier++) {
        boolean placed = index.slot(entry, tier) != BlockIndex.NONE;
        require(placed || !index.ready(entry, tier), entry + " is ready without a slot");
        boolean below = tier > 0 && !shared.test(tier) && index.ready(entry, tier);
        require(!below || index.sealed(entry), entry + " is below without a checksum");
        int parent = index.parent(entry);
        require(parent != entry, entry + " comes before itself");
        if (placed && parent != BlockIndex.NONE) {
          children[parent * tiers + tier]++;
        }
      }
    }
    for (int entry : entries) {
      for (int tier = 0; tier < tiers; tier++) {
        int expected = children[entry * tiers + tier];
        require(
            index.children(entry, tier) == expected, "entry %d has %d children in tier %d, says %d"
                .formatted(entry, expected, tier, index.children(entry, tier)));
      }
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}
