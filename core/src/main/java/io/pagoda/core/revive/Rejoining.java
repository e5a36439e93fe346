package io.pagoda.core.revive;

import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.StorageTier;
import java.util.BitSet;
import java.util.function.IntPredicate;

/*
 * What is in the index already is true, and what the tier brings is compared with it. So a block is
 * not taken whose copy elsewhere has other bytes, or bytes that nobody has sealed. A block that
 * somebody has used ever since the tier left has kept its slot, and is there again.
 */
/**
 * The blocks that a tier brings with it which comes while the store serves.
 *
 * <p><b>Threads.</b> Made by any, and used once, as index and space are.
 */
public final class Rejoining {
  private final int tier;
  private final Census census;
  private final Lineage lineage;

  private Rejoining(int tier, Census census) {
    this.tier = tier;
    this.census = census;
    // Which blocks are there is asked when they are placed: here others change that.
    this.lineage = new Lineage(census, new Copies(census), census.size(), (_, _) -> true);
  }

  /**
   * Asks a tier what it brings, which makes it ready to store, and puts that in order.
   *
   * @param graph where it will be
   * @param tier its number there
   * @param next the tier
   * @throws io.pagoda.PagodaException if it cannot hand over what it holds
   */
  public static Rejoining of(TierGraph graph, int tier, StorageTier next) {
    var census = new Census(graph.tiers().size(), graph.sections().count());
    census.begin(tier, next.spec().slots());
    next.ability(Recoverable.class)
        .ifPresent(able -> able.recover(graph.sections().sealShape(), census));
    census.end();
    return new Rejoining(tier, census);
  }

  /**
   * Makes the blocks known again: ready, sealed, and linked to the blocks before them. The slots of
   * the others are given back.
   *
   * @param regain whether a block, which has its slot, was lost only because the tier left
   * @return how many are ready
   */
  public int run(BlockIndex index, Space space, IntPredicate regain) {
    int[] entries = new int[census.size()];
    var placed = new BitSet(census.size());
    for (int i = 0; i < lineage.size(); i++) {
      int record = lineage.record(i);
      entries[record] = place(record, index, space, regain);
      placed.set(record, entries[record] != BlockIndex.NONE);
    }
    for (int i = lineage.size() - 1; i >= 0; i--) {
      if (placed.get(lineage.record(i))) {
        space.publish(entries[lineage.record(i)], tier);
      }
    }
    giveUpBut(placed, space);
    return placed.cardinality();
  }

  /** Gives up all of them. */
  public void giveUp(Space space) {
    giveUpBut(new BitSet(), space);
  }

  private int place(int record, BlockIndex index, Space space, IntPredicate regain) {
    boolean first = census.parentHigh(record) == 0 && census.parentLow(record) == 0;
    int above =
        first ? BlockIndex.NONE : index.find(census.parentHigh(record), census.parentLow(record));
    int known = index.find(census.high(record), census.low(record));
    if (known != BlockIndex.NONE && index.slot(known, tier) == census.slot(record)) {
      return same(record, known, index) && regain.test(known) ? known : BlockIndex.NONE;
    }
    boolean fits = (first || above != BlockIndex.NONE)
        && (known == BlockIndex.NONE
            ? index.size() < index.capacity()
            : agrees(record, known, index));
    if (!fits || !space.claim(tier, census.slot(record))) {
      return BlockIndex.NONE;
    }
    int entry = known == BlockIndex.NONE
        ? index.add(
            census.high(record), census.low(record), above,
            above == BlockIndex.NONE ? 0 : index.depth(above) + 1)
        : known;
    index.adopt(entry, above);
    index.seal(entry, census.checksums(), census.checksumsOf(record));
    index.assign(entry, tier, census.slot(record));
    return entry;
  }

  private boolean agrees(int record, int entry, BlockIndex index) {
    return index.slot(entry, tier) == BlockIndex.NONE
        && (!index.placed(entry) || same(record, entry, index));
  }

  private boolean same(int record, int entry, BlockIndex index) {
    return index.sealed(entry)
        && index.sealedWith(entry, census.checksums(), census.checksumsOf(record));
  }

  /** Gives up what is in slots that nobody has. */
  private void giveUpBut(BitSet placed, Space space) {
    var surplus = new BitSet();
    for (int record = 0; record < census.size(); record++) {
      int slot = census.slot(record);
      surplus.set(slot, !placed.get(record) && space.claim(tier, slot));
    }
    space.revived(tier);
    surplus.stream().forEach(slot -> space.release(tier, slot));
  }
}
