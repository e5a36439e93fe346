package io.pagoda.core.run;

import io.pagoda.BlockKeys;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Copies;
import io.pagoda.core.plan.Held;
import io.pagoda.core.plan.Planner;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.plan.Wanted;
import io.pagoda.core.space.Reservation;
import io.pagoda.core.space.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Takes what a request needs - pins, slots - and has it planned.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Requests {
  private final BlockIndex index;
  private final Space space;
  private final Ledger ledger;
  private final Planner planner;
  private final int[] throughTiers;

  /**
   * Creates the maker of requests.
   *
   * @param ledger what is where
   * @param planner who plans
   * @param edges the roads, in the order of the colder tiers
   */
  public Requests(Ledger ledger, Planner planner, List<Edge> edges) {
    this.index = ledger.index;
    this.space = ledger.space;
    this.ledger = ledger;
    this.planner = planner;
    this.throughTiers = IntStream.range(0, edges.size())
        .filter(i -> edges.get(i).write() == WritePolicy.THROUGH)
        .map(i -> i + 1)
        .toArray();
  }

  /**
   * A plan and what it is for.
   *
   * @param plan what moves
   * @param request what for
   */
  public record Planned(TransferPlan plan, Request request) {}

  /**
   * Takes what a fetch needs.
   *
   * @param entries a prefix, pinned; the pins go over to the request, or are taken back
   * @param pool the pool block for each
   */
  public Planned fetch(int[] entries, int[] pool) {
    Held held = held(entries, pool.length);
    int below = below(held, held.size());
    Reservation reservation = space.reserve(below);
    int planned = reservation.size() == below ? held.size() : fitting(held, reservation.size());
    Held planable = prefix(held, planned);
    placeInHub(planable, reservation);
    ledger.unpin(entries, planned, entries.length);
    TransferPlan plan = planner.fetch(planable, reservation, pool);
    int[] pinned = withSpills(planable.entries(), planned, reservation);
    String missing = planned < held.size() ? shortage(planned, pool) : loss(planned, pool);
    int[] arriving = positions(
        planned, i -> !index.ready(pinned[i], Space.HUB) && planable.tiers()[i] == Space.HUB);
    return new Planned(plan, new Request(pinned, planned, pool.length, arriving, missing));
  }

  private Held held(int[] entries, int limit) {
    int size = 0;
    int[] tiers = new int[limit];
    int[] slots = new int[limit];
    while (size < limit && index.ready(entries[size])) {
      boolean coming = index.slot(entries[size], Space.HUB) != BlockIndex.NONE;
      tiers[size] = coming ? Space.HUB : index.hottest(entries[size]);
      slots[size] = index.slot(entries[size], tiers[size]);
      size++;
    }
    return prefix(new Held(entries, tiers, slots), size);
  }

  private static Held prefix(Held held, int size) {
    if (size == held.tiers().length && size == held.entries().length) {
      return held;
    }
    return new Held(
        Arrays.copyOf(held.entries(), size), Arrays.copyOf(held.tiers(), size),
        Arrays.copyOf(held.slots(), size));
  }

  private static int below(Held held, int size) {
    int below = 0;
    for (int i = 0; i < size; i++) {
      below += held.tiers()[i] == Space.HUB ? 0 : 1;
    }
    return below;
  }

  /** {@return how long a prefix needs no more than {@code slots} slots of the hub} */
  private static int fitting(Held held, int slots) {
    int size = 0;
    int left = slots;
    while (size < held.size() && (held.tiers()[size] == Space.HUB || left-- > 0)) {
      size++;
    }
    return size;
  }

  private void placeInHub(Held held, Reservation reservation) {
    int next = 0;
    for (int i = 0; i < held.size(); i++) {
      if (held.tiers()[i] == Space.HUB) {
        continue;
      }
      int slot = reservation.slots()[next++];
      int entry = held.entries()[i];
      if (ledger.promotes(held.tiers()[i]) && index.slot(entry, Space.HUB) == BlockIndex.NONE) {
        space.placeInHub(entry, slot);
      }
    }
  }

  /**
   * Takes what a put needs. A prefix has no key twice, since each covers all before it; what comes
   * after a repetition is not a prefix and is left out.
   *
   * @param keys the prefix
   * @param pool the pool block of each
   */
  public Planned put(BlockKeys keys, int[] pool) {
    int distinct = distinct(keys);
    int[] entries = pinKnown(keys.prefix(distinct));
    Reservation reservation = space.reserve(missing(entries));
    int[] gathered = new int[distinct];
    int planned = placeNew(keys, entries, reservation, gathered);
    for (int i = planned; i < entries.length; i++) {
      if (entries[i] != BlockIndex.NONE) {
        ledger.unpin(entries, i, i + 1);
      }
    }
    Wanted wanted = wanted(entries, gathered, pool, planned, reservation.size());
    TransferPlan plan = planner.put(wanted, reservation, copies(entries, gathered, planned));
    int[] pinned = withSpills(entries, planned, reservation);
    int[] arriving =
        positions(planned, i -> gathered[i] == Copies.IN_HUB && !index.ready(entries[i]));
    String missing =
        planned < distinct ? shortage(planned, pool) : repetition(distinct, keys.size());
    return new Planned(plan, new Request(pinned, planned, pool.length, arriving, missing));
  }

  private static int[] positions(int count, IntPredicate which) {
    return IntStream.range(0, count).filter(which).toArray();
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

  private static String repetition(int distinct, int size) {
    return distinct == size
        ? ""
        : "block %d has the key of an earlier block, so no prefix goes on there"
            .formatted(distinct);
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

  private int missing(int[] entries) {
    int missing = 0;
    for (int entry : entries) {
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
  private int placeNew(BlockKeys keys, int[] entries, Reservation reservation, int[] gathered) {
    int used = 0;
    for (int i = 0; i < entries.length; i++) {
      gathered[i] = Copies.IN_HUB;
      if (i > 0 && entries[i] != BlockIndex.NONE) {
        index.adopt(entries[i], entries[i - 1]);
      }
      if (!lacks(entries[i])) {
        continue;
      }
      if (used == reservation.size()) {
        return i;
      }
      gathered[i] = used;
      place(keys, entries, i, reservation.slots()[used++]);
    }
    return entries.length;
  }

  private void place(BlockKeys keys, int[] entries, int i, int slot) {
    boolean known = entries[i] != BlockIndex.NONE;
    if (!known) {
      int above = i == 0 ? BlockIndex.NONE : entries[i - 1];
      entries[i] = index.add(keys.high(i), keys.low(i), above, i);
    }
    space.placeInHub(entries[i], slot);
    if (!known) {
      index.pin(entries[i]);
    }
  }

  private static Wanted wanted(int[] entries, int[] gathered, int[] pool, int planned, int size) {
    var wanted = new Wanted(new int[size], new int[size], new int[size]);
    for (int i = 0; i < planned; i++) {
      int number = gathered[i];
      if (number != Copies.IN_HUB) {
        wanted.positions()[number] = i;
        wanted.entries()[number] = entries[i];
        wanted.pool()[number] = pool[i];
      }
    }
    return wanted;
  }

  private List<Copies> copies(int[] entries, int[] gathered, int planned) {
    List<Copies> copies = new ArrayList<>();
    for (int tier : throughTiers) {
      Copies copy = copiesTo(tier, entries, gathered, planned);
      if (copy.size() > 0) {
        copies.add(copy);
      }
    }
    return copies;
  }

  private Copies copiesTo(int tier, int[] entries, int[] gathered, int planned) {
    int[] positions = new int[planned];
    int size = 0;
    for (int i = 0; i < planned; i++) {
      boolean inHub = gathered[i] != Copies.IN_HUB || index.ready(entries[i], Space.HUB);
      if (inHub
          && index.slot(entries[i], tier) == BlockIndex.NONE
          && space.placeIn(entries[i], tier)) {
        positions[size++] = i;
      }
    }
    int[] at = Arrays.copyOf(positions, size);
    return new Copies(
        tier, at, Arrays.stream(at).map(i -> entries[i]).toArray(),
        Arrays.stream(at).map(i -> index.slot(entries[i], tier)).toArray(),
        Arrays.stream(at).map(i -> index.slot(entries[i], Space.HUB)).toArray(),
        Arrays.stream(at).map(i -> gathered[i]).toArray());
  }

  private static int[] withSpills(int[] entries, int planned, Reservation reservation) {
    int[] spilled = reservation.spills().entries();
    int[] pinned = Arrays.copyOf(entries, planned + spilled.length);
    System.arraycopy(spilled, 0, pinned, planned, spilled.length);
    return pinned;
  }

  private static String loss(int planned, int[] pool) {
    return planned == pool.length
        ? ""
        : "only %d of %d blocks are left: a tier has lost the next since it was matched"
            .formatted(planned, pool.length);
  }

  private static String shortage(int planned, int[] pool) {
    return planned == pool.length
        ? ""
        : "room for %d of %d blocks: the other slots of host memory are in use"
            .formatted(planned, pool.length);
  }
}
