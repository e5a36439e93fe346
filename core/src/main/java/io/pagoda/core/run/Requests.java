package io.pagoda.core.run;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Copies;
import io.pagoda.core.space.Reservation;
import io.pagoda.core.space.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a request needs: pins and slots.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Requests {
  private static final int[] NONE = {};

  private final BlockIndex index;
  private final Space space;
  private final Ledger ledger;
  private final Thrift thrift;
  private final int[] throughTiers;
  private final int[] secondTouchTiers;
  private final boolean leavesNothing;

  /** Tiers that may take a block and not the one before it. */
  private final boolean[] picky;

  /**
   * Creates the maker of requests.
   *
   * @param ledger what is where
   * @param edges the roads, in the order of the colder tiers
   * @param thrift which blocks are worth fetching
   */
  public Requests(Ledger ledger, List<Edge> edges, Thrift thrift) {
    this.thrift = thrift;
    this.index = ledger.index;
    this.space = ledger.space;
    this.ledger = ledger;
    this.throughTiers = IntStream.range(0, edges.size())
        .filter(i -> edges.get(i).write() == WritePolicy.THROUGH)
        .map(i -> i + 1)
        .toArray();
    this.picky = new boolean[edges.size() + 1];
    for (int i = 0; i < edges.size(); i++) {
      picky[i + 1] = edges.get(i).admission() == Admission.EXPECTED_VALUE;
    }
    this.leavesNothing = edges.stream().anyMatch(edge -> edge.promotion() == Promotion.NEVER);
    this.secondTouchTiers = Arrays.stream(throughTiers)
        .filter(tier -> edges.get(tier - 1).admission() != Admission.ALL)
        .toArray();
  }

  /**
   * Takes what a fetch needs, as far as there is room in the hub.
   *
   * @param entries a prefix, pinned; the pins go over to what is taken, or are taken back
   * @param count how many of its blocks are wanted, at most all
   */
  public Taken fetch(int[] entries, int count) {
    return fetch(entries, count, Set.of());
  }

  /** Takes what a fetch needs that shares some blocks with others: those pass through the hub. */
  Taken fetch(int[] entries, int count, Set<Integer> shared) {
    return bring(entries, count, entry -> shared.contains(entry));
  }

  /** {@return blocks that several fetches want, and no fetch would leave in the hub for another} */
  Set<Integer> shared(List<int[]> fetches) {
    if (!leavesNothing || fetches.size() < 2) {
      return Set.of();
    }
    Set<Integer> seen = new HashSet<>();
    return fetches.stream()
        .flatMapToInt(Arrays::stream)
        .filter(entry -> !seen.add(entry))
        .boxed()
        .collect(Collectors.toSet());
  }

  /** Takes what bringing blocks up into the hub needs; as {@link #fetch}. */
  public Taken prefetch(int[] entries) {
    return bring(entries, entries.length, null);
  }

  /** Brings blocks up for a fetch that leaves there what others share; null for a prefetch. */
  private Taken bring(int[] entries, int count, @Nullable IntPredicate shared) {
    boolean toStay = shared == null;
    int[] tiers = new int[count];
    int[] slots = new int[count];
    int there = locate(entries, tiers, slots);
    int held = toStay ? there : thrift.worthwhile(tiers, there);
    int below = below(tiers, held);
    Reservation reservation = space.reserve(below);
    int planned = reservation.size() == below ? held : fitting(tiers, held, reservation.size());
    if (below > 0) {
      placeInHub(entries, tiers, planned, reservation, shared == null ? _ -> true : shared);
    }
    ledger.unpin(entries, held, entries.length);
    int[] arriving =
        positions(planned, i -> tiers[i] == Space.HUB && !index.ready(entries[i], Space.HUB));
    List<Integer> uncopied = new ArrayList<>();
    List<Copies> copies =
        toStay ? List.of() : copies(secondTouchTiers, entries, NONE, planned, uncopied);
    String shortage = planned < held
        ? shortage(planned, count)
        : held < there ? thrift.reason(held, count) : there < count ? loss(there, count) : "";
    return new Taken(
        first(planned, entries), first(planned, tiers), first(planned, slots), NONE, reservation,
        copies, arriving, NONE, Arrays.copyOfRange(entries, planned, held), shortage);
  }

  /** Finds where each block comes from; returns how many blocks are still anywhere. */
  private int locate(int[] entries, int[] tiers, int[] slots) {
    int size = 0;
    while (size < tiers.length && index.ready(entries[size])) {
      int entry = entries[size];
      boolean coming = index.slot(entry, Space.HUB) != BlockIndex.NONE;
      tiers[size] = coming ? Space.HUB : index.hottest(entry);
      slots[size] = index.slot(entry, tiers[size]);
      size++;
    }
    return size;
  }

  private static int below(int[] tiers, int size) {
    int below = 0;
    for (int i = 0; i < size; i++) {
      below += tiers[i] == Space.HUB ? 0 : 1;
    }
    return below;
  }

  /** {@return how long a prefix needs no more than {@code slots} slots of the hub} */
  private static int fitting(int[] tiers, int held, int slots) {
    int size = 0;
    int left = slots;
    while (size < held && (tiers[size] == Space.HUB || left-- > 0)) {
      size++;
    }
    return size;
  }

  private void placeInHub(
      int[] entries, int[] tiers, int planned, Reservation reservation, IntPredicate toStay) {
    int next = 0;
    for (int i = 0; i < planned; i++) {
      if (tiers[i] == Space.HUB) {
        continue;
      }
      int slot = reservation.slots()[next++];
      boolean stays = ledger.promotes(tiers[i]) || toStay.test(entries[i]);
      if (stays && index.slot(entries[i], Space.HUB) == BlockIndex.NONE) {
        index.assign(entries[i], Space.HUB, slot);
      }
    }
  }

  /**
   * Takes what a put needs, as far as there is room in the hub and in the owner's quota. A prefix
   * has no key twice, since each covers all before it; what comes after a repetition is not a
   * prefix and is left out.
   *
   * @param keys the prefix
   * @param namespace whose it is
   */
  public Taken put(BlockKeys keys, Namespace namespace) {
    int distinct = distinct(keys);
    int[] entries = pinKnown(keys.prefix(distinct));
    int owner = space.owner(namespace);
    int unknown = (int) Arrays.stream(entries).filter(entry -> entry == BlockIndex.NONE).count();
    int allowed = space.makeRoom(owner, unknown);
    Reservation reservation = space.reserve(missing(entries, allowed));
    int[] gathered = new int[distinct];
    int planned = placeNew(keys, entries, reservation, owner, allowed, gathered);
    String shortage = planned == distinct
        ? repetition(distinct, keys.size())
        : allowed < unknown ? quota(planned, keys.size()) : shortage(planned, keys.size());
    return put(entries, gathered, planned, reservation, shortage);
  }

  /**
   * Takes what a put needs for blocks that another was to bring, and has not.
   *
   * @param entries the blocks, pinned; the pins go over to what is taken, or are taken back
   */
  public Taken putAgain(int[] entries) {
    Reservation reservation = space.reserve(missing(entries, entries.length));
    int[] gathered = new int[entries.length];
    int planned = 0;
    for (int used = 0; planned < entries.length; planned++) {
      gathered[planned] = Copies.IN_HUB;
      if (lacks(entries[planned])) {
        if (used == reservation.size()) {
          break;
        }
        gathered[planned] = used;
        index.assign(entries[planned], Space.HUB, reservation.slots()[used++]);
      }
    }
    String shortage = planned == entries.length ? "" : shortage(planned, entries.length);
    return put(entries, gathered, planned, reservation, shortage);
  }

  private Taken put(
      int[] entries, int[] gathered, int planned, Reservation reservation, String shortage) {
    for (int i = planned; i < entries.length; i++) {
      if (entries[i] != BlockIndex.NONE) {
        ledger.unpin(entries, i, i + 1);
      }
    }
    List<Integer> uncopied = new ArrayList<>();
    List<Copies> copies = copies(throughTiers, entries, gathered, planned, uncopied);
    int[] arriving =
        positions(planned, i -> gathered[i] == Copies.IN_HUB && !index.ready(entries[i]));
    return new Taken(
        first(planned, entries), NONE, NONE, first(planned, gathered), reservation, copies,
        arriving, uncopied.stream().mapToInt(i -> i).toArray(), NONE, shortage);
  }

  private static int[] first(int count, int[] all) {
    return count == all.length ? all : Arrays.copyOf(all, count);
  }

  private static int[] positions(int count, IntPredicate which) {
    int first = 0;
    while (first < count && !which.test(first)) {
      first++;
    }
    if (first == count) {
      return NONE;
    }
    int[] found = new int[count - first];
    found[0] = first;
    int size = 1;
    for (int i = first + 1; i < count; i++) {
      if (which.test(i)) {
        found[size++] = i;
      }
    }
    return first(size, found);
  }

  /** {@return how many keys come before the first that repeats one} */
  private static int distinct(BlockKeys keys) {
    int mask = (Integer.highestOneBit(Math.max(1, keys.size())) << 2) - 1;
    int[] seen = new int[mask + 1];
    for (int i = 0; i < keys.size(); i++) {
      int at = Long.hashCode(keys.low(i) ^ (keys.high(i) << 1)) & mask;
      for (; seen[at] != 0; at = (at + 1) & mask) {
        int earlier = seen[at] - 1;
        if (keys.low(earlier) == keys.low(i) && keys.high(earlier) == keys.high(i)) {
          return i;
        }
      }
      seen[at] = i + 1;
    }
    return keys.size();
  }

  private int[] pinKnown(BlockKeys keys) {
    int[] entries = new int[keys.size()];
    for (int i = 0; i < entries.length; i++) {
      int entry = index.find(keys.high(i), keys.low(i));
      if (entry != BlockIndex.NONE) {
        index.pin(entry);
      }
      entries[i] = entry;
    }
    return entries;
  }

  /** {@return how many blocks are missing, up to the last that the quota allows} */
  private int missing(int[] entries, int allowed) {
    int missing = 0;
    int added = 0;
    for (int entry : entries) {
      boolean known = entry != BlockIndex.NONE;
      if (!known && added++ == allowed) {
        return missing;
      }
      missing += lacks(entry) ? 1 : 0;
    }
    return missing;
  }

  /** {@return whether nobody has the block, and nobody is bringing it} */
  private boolean lacks(int entry) {
    return entry == BlockIndex.NONE
        || (!index.ready(entry) && index.slot(entry, Space.HUB) == BlockIndex.NONE);
  }

  /** Gives each missing block a slot while there are any; returns how far that went. */
  private int placeNew(
      BlockKeys keys, int[] entries, Reservation reservation, int owner, int allowed,
      int[] gathered) {
    int used = 0;
    int added = 0;
    for (int i = 0; i < entries.length; i++) {
      gathered[i] = Copies.IN_HUB;
      boolean known = entries[i] != BlockIndex.NONE;
      if (i > 0 && known) {
        index.adopt(entries[i], entries[i - 1]);
      }
      if (!lacks(entries[i])) {
        continue;
      }
      if (used == reservation.size() || (!known && added == allowed)) {
        return i;
      }
      added += known ? 0 : 1;
      gathered[i] = used;
      place(keys, entries, i, reservation.slots()[used++], owner);
    }
    return entries.length;
  }

  private void place(BlockKeys keys, int[] entries, int i, int slot, int owner) {
    boolean known = entries[i] != BlockIndex.NONE;
    if (!known) {
      int above = i == 0 ? BlockIndex.NONE : entries[i - 1];
      entries[i] = index.add(keys.high(i), keys.low(i), above, i);
      space.welcome(entries[i], owner);
    }
    index.assign(entries[i], Space.HUB, slot);
    if (!known) {
      index.pin(entries[i]);
    }
  }

  private List<Copies> copies(
      int[] tiers, int[] entries, int[] gathered, int planned, List<Integer> uncopied) {
    List<Copies> copies = new ArrayList<>();
    for (int tier : tiers) {
      Copies copy = copiesTo(tier, entries, gathered, planned, uncopied);
      if (copy.size() > 0) {
        copies.add(copy);
      }
    }
    return copies;
  }

  private Copies copiesTo(
      int tier, int[] entries, int[] gathered, int planned, List<Integer> uncopied) {
    int[] at = positions(planned, i -> {
      boolean coming = gathered.length > 0 && gathered[i] != Copies.IN_HUB;
      if ((!coming && !index.ready(entries[i], Space.HUB))
          || index.slot(entries[i], tier) != BlockIndex.NONE
          || (i > 0 && orphan(entries[i - 1], tier))
          || !space.admits(tier, index.uses(entries[i]) + 1, entries[i])) {
        return false;
      }
      boolean placed = space.placeIn(entries[i], tier);
      if (!placed) {
        uncopied.add(i);
      }
      return placed;
    });
    return new Copies(
        tier, at, Arrays.stream(at).map(i -> entries[i]).toArray(),
        Arrays.stream(at).map(i -> index.slot(entries[i], tier)).toArray(),
        Arrays.stream(at).map(i -> index.slot(entries[i], Space.HUB)).toArray(),
        Arrays.stream(at).map(i -> gathered.length == 0 ? Copies.IN_HUB : gathered[i]).toArray());
  }

  /** {@return whether what follows a block would be of no use in a tier that picks its blocks} */
  private boolean orphan(int entry, int tier) {
    return picky[tier] && index.slot(entry, tier) == BlockIndex.NONE;
  }

  private static String loss(int planned, int wanted) {
    return "only %d of %d blocks are left: a tier has lost the next since it was matched"
        .formatted(planned, wanted);
  }

  private static String shortage(int planned, int wanted) {
    return "room for %d of %d blocks: the other slots of host memory are in use"
        .formatted(planned, wanted);
  }

  private static String quota(int planned, int wanted) {
    return "room for %d of %d blocks: the rest of the namespace's quota is in use"
        .formatted(planned, wanted);
  }

  private static String repetition(int distinct, int size) {
    return distinct == size
        ? ""
        : "block %d has the key of an earlier block, so no prefix goes on there"
            .formatted(distinct);
  }
}
