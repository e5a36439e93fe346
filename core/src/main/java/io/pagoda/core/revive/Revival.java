package io.pagoda.core.revive;

import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.BitSet;

/*
 * Blocks are added path by path, the newest path first, so that those of a prefix have consecutive
 * entries; and told to the policies in the opposite order, so that what was stored longest ago is
 * the coldest, and the end of each prefix colder than its beginning.
 */
/**
 * Asks tiers for the blocks that have outlived the process, and makes them known again: ready,
 * sealed, and linked to the blocks before them.
 *
 * <p><b>Threads.</b> Confined, as index and space are.
 *
 * <p><b>Failures.</b> A block that cannot be reached, because one before it is nowhere, is left out
 * and its slot given up; so is the older of two blocks with one key, and one whose copy in a hotter
 * tier has other bytes.
 */
public final class Revival {
  private static final System.Logger LOG = System.getLogger(Revival.class.getName());

  private final TierGraph graph;
  private final BlockIndex index;
  private final Space space;
  private final Census census;
  private final BitSet revived;
  private final int[] blocks;

  /** Takes a slot whose block is given up. */
  @FunctionalInterface
  public interface Surplus {
    /** Takes a slot of a tier. */
    void slot(int tier, int slot);
  }

  private Revival(TierGraph graph, BlockIndex index, Space space) {
    this.graph = graph;
    this.index = index;
    this.space = space;
    this.census = new Census(graph.tiers().size(), graph.sections().count());
    this.revived = new BitSet();
    this.blocks = new int[graph.tiers().size()];
  }

  /**
   * Revives what there is.
   *
   * @param graph the tiers
   * @param index empty
   * @param space empty
   * @param surplus told of slots whose blocks are not revived
   * @return how many blocks of each tier are ready
   * @throws io.pagoda.PagodaException if a tier cannot hand over what it holds
   */
  public static int[] run(TierGraph graph, BlockIndex index, Space space, Surplus surplus) {
    var revival = new Revival(graph, index, space);
    long start = System.nanoTime();
    revival.count();
    if (revival.census.size() > 0) {
      revival.place();
      revival.giveUp(surplus);
      revival.tell(System.nanoTime() - start);
    }
    return revival.blocks;
  }

  private void count() {
    SealShape shape = graph.sections().sealShape();
    for (int tier = Space.HUB + 1; tier < blocks.length; tier++) {
      TierNode node = graph.tiers().get(tier);
      census.begin(tier, node.tier().spec().slots());
      node.tier().ability(Recoverable.class).ifPresent(able -> able.recover(shape, census));
    }
    census.end();
  }

  private void place() {
    var copies = new Copies(census);
    var lineage = new Lineage(census, copies, index.capacity(), (_, _) -> false);
    int[] entries = new int[census.size()];
    for (int i = 0; i < lineage.size(); i++) {
      int record = lineage.record(i);
      int above = lineage.parent(record);
      entries[record] = place(record, above < 0 ? BlockIndex.NONE : entries[above], copies);
    }
    for (int i = lineage.size() - 1; i >= 0; i--) {
      space.rank(entries[lineage.record(i)]);
    }
    for (int tier = 0; tier < blocks.length; tier++) {
      if (census.first(tier) < census.last(tier)) {
        space.revived(tier);
      }
    }
  }

  private int place(int record, int parent, Copies copies) {
    int depth = parent == BlockIndex.NONE ? 0 : index.depth(parent) + 1;
    int entry = index.add(census.high(record), census.low(record), parent, depth);
    index.seal(entry, census.checksums(), census.checksumsOf(record));
    for (int copy = record; copy != Copies.NONE; copy = copies.next(copy)) {
      if (census.agree(record, copy)) {
        int tier = census.tier(copy);
        space.revive(entry, tier, census.slot(copy));
        revived.set(copy);
        blocks[tier]++;
      }
    }
    return entry;
  }

  private void giveUp(Surplus surplus) {
    int none = revived.nextClearBit(0);
    for (int record = none; record < census.size(); record = revived.nextClearBit(record + 1)) {
      surplus.slot(census.tier(record), census.slot(record));
    }
  }

  private void tell(long nanos) {
    for (int tier = 0; tier < blocks.length; tier++) {
      int told = census.last(tier) - census.first(tier);
      if (told > 0) {
        LOG.log(
            System.Logger.Level.INFO,
            "Tier ''{0}'' has {1} blocks from before; {2} more have lost a block before them or a "
                + "later copy, and are given up ({3} ms)",
            graph.tiers().get(tier).name(), blocks[tier], told - blocks[tier], nanos / 1_000_000);
      }
    }
    if (census.impossible() > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Tiers told {0} times of slots that they have not, told of before, or sealed otherwise; "
              + "ignored: this is a fault of theirs",
          census.impossible());
    }
  }
}
