package io.pagoda.core.space;

import io.pagoda.Ending;
import io.pagoda.Ending.Cause;
import io.pagoda.Namespace;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.space.Obituaries.Obituary;
import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.tier.Zoned;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The slots of all tiers, kept in step with the index: who may leave, and where to.
 *
 * <p>A block leaves the hub for a colder tier when one takes blocks back that is faster than where
 * it is already, or when its successors are below without it, and is dropped otherwise. It leaves
 * leaf-first: never before a successor that is in the hub too, and never for good before a
 * successor that is anywhere, unless there is no room for it below.
 *
 * <p><b>Threads.</b> Confined, as the index is.
 */
public final class Space {
  /** The hub's number among the tiers. */
  public static final int HUB = 0;

  /** No slot. */
  public static final int NONE = -1;

  private final BlockIndex index;
  private final TierSpace[] tiers;
  private final Evictable[] mayGo;
  private final Evictable[] spareMayGo;
  private final Promotion[] promotions;
  private final Gates gates;
  private final Obituaries obituaries;
  private final Tenants tenants;

  /** Tiers that blocks go down to when the hub needs their slots. */
  private final int[] backTiers;

  /** Tiers that blocks go down to at every put; one that did not may follow its successors. */
  private final int[] throughTiers;

  /** Tiers that take blocks back and give them up: a copy in the hub makes theirs a spare. */
  private final int[] movingTiers;

  private final long[] evictions;
  private final long[] overQuota;
  private final long[] outlived;
  private final long[] alreadyPresent;
  private IntPredicate takes = _ -> true;
  private IntPredicate leaves = _ -> false;

  /** Creates the space of a graph whose tiers are all empty, for callers without quotas. */
  public Space(BlockIndex index, TierGraph graph) {
    this(index, graph, List.of(), () -> 0);
  }

  /**
   * Creates the space of a graph whose tiers are all empty.
   *
   * @param index what the space is kept in step with; empty
   * @param graph the tiers and roads
   * @param quotas what namespaces may keep
   * @param seconds the time in seconds, from any origin
   */
  public Space(BlockIndex index, TierGraph graph, List<Quota> quotas, LongSupplier seconds) {
    this.index = index;
    int count = graph.tiers().size();
    obituaries = new Obituaries(index.capacity());
    tenants = new Tenants(index, quotas, seconds);
    gates = new Gates(index, graph.edges());
    tiers = new TierSpace[count];
    mayGo = new Evictable[count];
    spareMayGo = new Evictable[count];
    promotions = new Promotion[count];
    evictions = new long[count];
    overQuota = new long[count];
    outlived = new long[count];
    alreadyPresent = new long[count];
    for (int tier = 0; tier < count; tier++) {
      TierNode node = graph.tiers().get(tier);
      boolean spares = tier != HUB && graph.edges().get(tier - 1).promotion() == Promotion.MOVE;
      var barren = new BarrenSlots(node.tier().ability(Zoned.class));
      TierSpace space =
          new TierSpace(node.name(), node.tier().spec().slots(), node.policy(), spares, barren);
      int number = tier;
      tiers[tier] = space;
      promotions[tier] = tier == HUB ? Promotion.NEVER : graph.edges().get(tier - 1).promotion();
      mayGo[tier] = tier == HUB
          ? slot -> mayLeaveHub(space.entry(slot))
          : slot -> mayLeave(space.entry(slot), number);
      spareMayGo[tier] = slot -> !index.pinned(space.entry(slot));
    }
    backTiers = tiersOf(graph.edges(), edge -> edge.write() == WritePolicy.BACK);
    throughTiers = tiersOf(graph.edges(), edge -> edge.write() == WritePolicy.THROUGH);
    movingTiers = tiersOf(graph.edges(), edge -> edge.promotion() == Promotion.MOVE);
  }

  private static int[] tiersOf(List<Edge> edges, Predicate<Edge> which) {
    return IntStream.range(0, edges.size())
        .filter(i -> which.test(edges.get(i)))
        .map(i -> i + 1)
        .toArray();
  }

  /**
   * Takes slots of the hub for blocks to come; evicts what has to go. What is pinned stays, so the
   * caller pins first what the same request needs.
   *
   * @param count how many slots are wanted
   * @return at most that many; the entries of its spills are pinned, and their new slots assigned
   */
  public Reservation reserve(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("Nobody can reserve " + count + " slots");
    }
    var reservation = new Reservation.Builder(count);
    for (int i = 0; i < count && reserveOne(reservation); i++) {
    }
    index.sweep();
    return reservation.build();
  }

  private boolean reserveOne(Reservation.Builder reservation) {
    TierSpace hub = tiers[HUB];
    int slot = hub.take();
    if (slot != NONE) {
      reservation.ready(slot);
      return true;
    }
    slot = hub.coldest(spareMayGo[HUB], mayGo[HUB]);
    if (slot == NONE) {
      return false;
    }
    int entry = hub.entry(slot);
    hub.vacate(slot);
    evictions[HUB]++;
    index.pin(entry);
    int tier = placeBelow(entry);
    keepElsewhere(entry, tier == NONE);
    index.unassign(entry, HUB);
    if (tier == NONE) {
      bury(entry, HUB, Cause.EVICTED);
      index.unpin(entry);
      reservation.ready(slot);
    } else {
      reservation.spill(entry, slot, tier, index.slot(entry, tier));
    }
    return true;
  }

  /** Makes the colder copies of a block regular ones; they may be what spares it a write. */
  private void keepElsewhere(int entry, boolean spared) {
    for (int tier = HUB + 1; tier < tiers.length; tier++) {
      if (index.ready(entry, tier)) {
        tiers[tier].makeRegular(index.slot(entry, tier), index.low(entry), index.depth(entry));
        alreadyPresent[tier] += spared ? 1 : 0;
      }
    }
  }

  /** Places what leaves the hub: a block that is below already, in a faster tier than that. */
  private int placeBelow(int entry) {
    int keeper = keeper(entry);
    int tier = placeInOneOf(backTiers, entry, keeper);
    return tier != NONE || keeper < tiers.length || index.leaf(entry)
        ? tier
        : placeInOneOf(throughTiers, entry, keeper);
  }

  /** {@return the fastest colder tier that keeps a block it has, or how many tiers there are} */
  private int keeper(int entry) {
    int tier = HUB + 1;
    while (tier < tiers.length && (leaves.test(tier) || !index.ready(entry, tier))) {
      tier++;
    }
    return tier;
  }

  private int placeInOneOf(int[] candidates, int entry, int before) {
    for (int tier : candidates) {
      if (tier < before
          && index.slot(entry, tier) == NONE
          && admits(tier, index.uses(entry), entry)
          && placeIn(entry, tier)) {
        return tier;
      }
    }
    return NONE;
  }

  /**
   * Takes a slot of a colder tier for a block and assigns it; evicts what has to go.
   *
   * @return whether there was one
   */
  public boolean placeIn(int entry, int tier) {
    int slot = takeBelow(tier);
    if (slot == NONE) {
      return false;
    }
    index.assign(entry, tier, slot);
    return true;
  }

  /**
   * Records that a colder tier has a block's bytes, which nobody here has stored there.
   *
   * @param known the block, or {@link #NONE} if it is to be added first
   * @param added adds it
   * @return the block, or {@link #NONE} if there is no slot for it
   */
  public int adopt(int known, int tier, IntSupplier added) {
    int slot = takeBelow(tier);
    if (slot == NONE) {
      return NONE;
    }
    int entry = known == NONE ? added.getAsInt() : known;
    index.assign(entry, tier, slot);
    publish(entry, tier);
    return entry;
  }

  private int takeBelow(int tier) {
    if (!takes.test(tier)) {
      return NONE;
    }
    TierSpace space = tiers[tier];
    int slot = space.take();
    if (slot != NONE) {
      return slot;
    }
    slot = space.coldest(spareMayGo[tier], mayGo[tier]);
    if (slot == NONE) {
      return space.takeBarren();
    }
    int entry = space.entry(slot);
    if (!space.spare(slot)) {
      evictions[tier]++;
    }
    space.vacate(slot);
    index.unassign(entry, tier);
    bury(entry, tier, Cause.EVICTED);
    return slot;
  }

  /**
   * Returns whether a colder tier takes a block that was used so often, and counts if not. What
   * others go on from that are below already is taken, whatever it is worth.
   */
  public boolean admits(int tier, int uses, int entry) {
    return gates.admits(tier, uses, entry);
  }

  /** Remembers why a block is gone, if it is. */
  public void bury(int entry, int tier, Cause cause) {
    if (!index.ready(entry)) {
      obituaries.add(index.low(entry), cause, tier);
    }
  }

  /** {@return why a block is gone, and from which tier} */
  public Ending ending(int blocks, long low, List<String> tierNames) {
    Obituary known = obituaries.of(low);
    return known == null
        ? new Ending(blocks, Cause.NEVER_STORED, "")
        : new Ending(blocks, known.cause(), tierNames.get(known.tier()));
  }

  /** Records whose a new block is; one that had to leave before was used before. */
  public void welcome(int entry, int owner) {
    tenants.own(entry, owner);
    gates.added(entry);
    Obituary known = obituaries.of(index.low(entry));
    if (known != null && known.cause() == Cause.EVICTED) {
      index.use(entry);
    }
  }

  /** {@return who has the quota of a namespace; 0 if nobody has one} */
  public int owner(Namespace namespace) {
    return tenants.owner(namespace);
  }

  /**
   * Makes room in an owner's quota, at the cost of what it used longest ago.
   *
   * @return how many of {@code blocks} new ones it may have
   */
  public int makeRoom(int owner, int blocks) {
    int room = tenants.room(owner);
    while (room < blocks) {
      int entry = tenants.coldest(owner);
      if (entry == NONE) {
        return Math.max(0, room);
      }
      drop(entry, Cause.OVER_QUOTA);
      room = tenants.room(owner);
    }
    return blocks;
  }

  /** Drops so many blocks at most that have outlived their time; returns whether more have. */
  public boolean dropOutlived(int most) {
    int entry = tenants.outlived();
    for (int i = 0; i < most && entry != NONE; i++, entry = tenants.outlived()) {
      drop(entry, Cause.OUTLIVED);
    }
    return entry != NONE;
  }

  /** {@return whether any block may outlive its time} */
  public boolean mayOutlive() {
    return tenants.mortal();
  }

  /** Drops every block, also one that a hanging scrub reads, and forgets all that are gone. */
  public void dropAll() {
    for (TierSpace tier : tiers) {
      for (int slot = 0; slot < tier.slots(); slot++) {
        if (tier.entry(slot) != NONE) {
          drop(tier.entry(slot));
        }
      }
    }
    index.sweep();
    obituaries.clear();
  }

  private void drop(int entry, Cause cause) {
    obituaries.add(index.low(entry), cause, index.hottest(entry));
    long[] counts = cause == Cause.OVER_QUOTA ? overQuota : outlived;
    for (int tier = 0; tier < tiers.length; tier++) {
      int held = index.slot(entry, tier) == NONE ? 0 : 1;
      counts[tier] += held;
      evictions[tier] += held;
    }
    drop(entry);
  }

  private void drop(int entry) {
    for (int tier = 0; tier < tiers.length; tier++) {
      int slot = index.slot(entry, tier);
      if (slot != NONE && tiers[tier].entry(slot) == entry) { // or who condemned it lets it go
        tiers[tier].vacate(slot);
        index.unassign(entry, tier);
        tiers[tier].release(slot);
      }
    }
  }

  /** Has somebody told of each slot of a tier that is given back with what it may still hold. */
  public void onRelease(int tier, IntConsumer listener) {
    tiers[tier].onRelease(listener);
  }

  /** Takes a free slot that has held a block since before the store was opened. */
  public void revive(int entry, int tier, int slot) {
    index.assign(entry, tier, slot);
    index.publish(entry, tier);
  }

  /** Tells the policies of a revived block that it is used later than those told before. */
  public void rank(int entry) {
    for (int tier = 0; tier < tiers.length; tier++) {
      int slot = index.slot(entry, tier);
      if (slot != NONE) {
        tiers[tier].occupy(slot, entry, index.low(entry), index.depth(entry));
      }
    }
  }

  /** Takes a slot of a tier if it is free; {@link #revived} has to follow. */
  public boolean claim(int tier, int slot) {
    return tiers[tier].claim(slot);
  }

  /** Ends the revival of a tier's blocks: all other slots of it are free. */
  public void revived(int tier) {
    tiers[tier].countFree();
  }

  /**
   * Records that a block's bytes have come to its slot of a tier. A policy hears of the use that
   * brought it: of the hub's from whoever asked, of a colder tier's here, so of the blocks of a
   * prefix the last is published first.
   */
  public void publish(int entry, int tier) {
    index.publish(entry, tier);
    tiers[tier].occupy(index.slot(entry, tier), entry, index.low(entry), index.depth(entry));
    tiers[tier].filled();
    if (tier != HUB) {
      tiers[tier].touch(index.slot(entry, tier));
    }
    if (!index.ready(entry, HUB)) {
      return;
    }
    for (int colder : movingTiers) {
      if (index.ready(entry, colder)) {
        tiers[colder].makeSpare(index.slot(entry, colder));
      }
    }
  }

  /** Takes back a slot into which the bytes of a block did not come. */
  public void abandon(int entry, int tier) {
    int slot = index.slot(entry, tier);
    index.unassign(entry, tier);
    tiers[tier].release(slot);
  }

  /** Takes back a slot of a colder tier that had no room for the bytes of its block. */
  public void abandonFull(int entry, int tier) {
    int slot = index.slot(entry, tier);
    index.unassign(entry, tier);
    tiers[tier].setAside(slot);
  }

  /**
   * Records that the bytes which a colder tier has of a block are no good. The block keeps the slot
   * until it is {@linkplain #abandon abandoned}: somebody may still be reading it.
   */
  public void condemn(int entry, int tier) {
    tiers[tier].vacate(index.slot(entry, tier));
    index.unpublish(entry, tier);
  }

  /** Takes a block out of the hub that is below it too, unless somebody needs it there. */
  public void leaveHub(int entry) {
    if (mayLeaveHub(entry) && readyApartFrom(entry, HUB)) {
      keepElsewhere(entry, true);
      int slot = index.slot(entry, HUB);
      tiers[HUB].vacate(slot);
      index.unassign(entry, HUB);
      tiers[HUB].release(slot);
    }
  }

  /** Takes a slot from which a block did not come as it was stored; it is not used again. */
  public void quarantine(int entry, int tier) {
    int slot = index.slot(entry, tier);
    index.unassign(entry, tier);
    tiers[tier].quarantine(slot);
  }

  /** {@return how many slots of a tier are not used any more} */
  public int quarantined(int tier) {
    return tiers[tier].quarantined();
  }

  /**
   * Has somebody asked, before a colder tier is given a block, whether it takes one, and whether
   * one that has a block is to leave, so that the block had better be in another.
   */
  public void onPlacement(IntPredicate taking, IntPredicate leaving) {
    takes = taking;
    leaves = leaving;
  }

  /** Keeps a slot of the hub from being given to anybody once it is given back. */
  public void withhold(int hubSlot) {
    tiers[HUB].withhold(hubSlot);
  }

  /** Ends a {@link #withhold}. */
  public void letGo(int hubSlot) {
    tiers[HUB].letGo(hubSlot);
  }

  /** {@return how many slots of the hub are withheld} */
  public int withheldSlots() {
    return tiers[HUB].withheldSlots();
  }

  /** {@return whether a slot of the hub is withheld} */
  public boolean withheld(int hubSlot) {
    return tiers[HUB].withheld(hubSlot);
  }

  /** {@return how many slots a tier has} */
  public int slots(int tier) {
    return tiers[tier].slots();
  }

  /** {@return whose block a slot of a tier has, or {@link #NONE}} */
  public int block(int tier, int slot) {
    return tiers[tier].entry(slot);
  }

  /** Gives back a taken slot that holds nobody's bytes. */
  public void release(int tier, int slot) {
    tiers[tier].release(slot);
  }

  /** Records that a block was used, wherever it is. */
  public void touch(int entry) {
    gates.used(entry);
    index.use(entry);
    tenants.touch(entry);
    refresh(entry);
  }

  /** Records that a block is about to be used, wherever it is. */
  public void refresh(int entry) {
    for (int tier = 0; tier < tiers.length; tier++) {
      if (index.ready(entry, tier)) {
        tiers[tier].touch(index.slot(entry, tier));
      }
    }
  }

  /** {@return what a fetch through the hub leaves of a block of {@code tier}} */
  public Promotion promotion(int tier) {
    return promotions[tier];
  }

  /** {@return how many slots of a tier are taken or occupied} */
  public int used(int tier) {
    return tiers[tier].used();
  }

  /** {@return how many blocks a tier has} */
  public int occupied(int tier) {
    return tiers[tier].occupied();
  }

  /** {@return how many blocks had to leave a tier} */
  public long evictions(int tier) {
    return evictions[tier];
  }

  /** {@return how many of them left because their owner had its quota} */
  public long overQuota(int tier) {
    return overQuota[tier];
  }

  /** {@return how many of them left because they had outlived their time} */
  public long outlived(int tier) {
    return outlived[tier];
  }

  /** {@return how many blocks did not go down to a tier because they were used only once} */
  public long notAdmitted(int tier) {
    return gates.refused(tier);
  }

  /** {@return how many blocks left the hub without a write, since a tier had them} */
  public long alreadyPresent(int tier) {
    return alreadyPresent[tier];
  }

  /** {@return bytes of the arrays, the policies' apart} */
  public long bytes() {
    long bytes = obituaries.bytes() + gates.bytes();
    for (TierSpace tier : tiers) {
      bytes += tier.bytes();
    }
    return bytes;
  }

  /** {@return the slots of a tier} */
  TierSpace tier(int tier) {
    return tiers[tier];
  }

  private boolean mayLeaveHub(int entry) {
    if (index.pinned(entry) || index.children(entry, HUB) != 0) {
      return false;
    }
    return backTiers.length + throughTiers.length > 0
        || index.leaf(entry)
        || readyApartFrom(entry, HUB);
  }

  private boolean mayLeave(int entry, int tier) {
    return !index.pinned(entry) && (index.leaf(entry) || readyApartFrom(entry, tier));
  }

  private boolean readyApartFrom(int entry, int tier) {
    for (int other = 0; other < tiers.length; other++) {
      if (other != tier && index.ready(entry, other)) {
        return true;
      }
    }
    return false;
  }
}
