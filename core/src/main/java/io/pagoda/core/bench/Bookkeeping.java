package io.pagoda.core.bench;

import io.pagoda.BlockKeys;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Planner;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Planned;
import io.pagoda.core.run.Plans;
import io.pagoda.core.run.Requests;
import io.pagoda.core.run.SharedTiers;
import io.pagoda.core.run.Thrift;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.core.space.Reservation;
import io.pagoda.core.space.Space;
import java.util.ArrayList;
import java.util.List;

/** An engine's index and space, as they are in service, over tiers that hold no bytes. */
final class Bookkeeping {
  private static final int BLOCK_BYTES = 1 << 17;

  final BlockIndex index;
  private final Space space;
  private final Ledger ledger;
  private final Requests requests;
  private final Plans plans;
  private Reservation reserved = new Reservation(new int[0], new int[0], NO_SPILLS);
  private int reservedUsed;

  private static final Reservation.Spills NO_SPILLS =
      new Reservation.Spills(new int[0], new int[0], new int[0], new int[0]);

  /**
   * Opens the books.
   *
   * @param tiers how many tiers share the slots
   * @param slots how many slots there are in all
   */
  Bookkeeping(int tiers, int slots) {
    List<TierNode> nodes = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    for (int tier = 0; tier < tiers; tier++) {
      var policy = LruPolicyProvider.lru(slots / tiers);
      nodes.add(new TierNode("tier" + tier, new BareSlots(slots / tiers, BLOCK_BYTES), policy));
      if (tier > 0) {
        edges.add(new Edge("tier" + tier, WritePolicy.BACK, Promotion.MOVE));
      }
    }
    var graph = new TierGraph(nodes, edges, BLOCK_BYTES);
    index = new BlockIndex(tiers, slots + slots / 64);
    space = new Space(index, graph);
    var shared = new SharedTiers(new Conductor(_ -> {}), nodes, index, space);
    ledger = new Ledger(index, space, tiers, shared);
    requests = new Requests(ledger, edges, Thrift.NONE);
    plans = new Plans(new Planner((8 << 20) / BLOCK_BYTES, shared.groups()), 1, shared::has);
  }

  /** Adds a prefix, which is ready at once; returns how many blocks were new. */
  int insert(BlockKeys keys) {
    Reservation slots = space.reserve(keys.size());
    Reservation.Spills spills = slots.spills();
    for (int i = 0; i < spills.size(); i++) {
      space.publish(spills.entries()[i], spills.tiers()[i]);
      index.unpin(spills.entries()[i]);
    }
    int[] entries = new int[keys.size()];
    int above = BlockIndex.NONE;
    for (int i = 0; i < entries.length; i++) {
      above = add(keys, i, above, slots.slots()[i]);
      entries[i] = above;
    }
    for (int i = entries.length - 1; i >= 0; i--) {
      space.touch(entries[i]);
    }
    return entries.length;
  }

  /** Adds the blocks of many prefixes in turns, so that none has neighbouring entries. */
  void insertInterleaved(List<BlockKeys> chains) {
    int[] above = new int[chains.size()];
    for (int i = 0; i < chains.getFirst().size(); i++) {
      int slot = 0;
      Reservation slots = space.reserve(chains.size());
      for (int chain = 0; chain < above.length; chain++) {
        int parent = i == 0 ? BlockIndex.NONE : above[chain];
        above[chain] = add(chains.get(chain), i, parent, slots.slots()[slot++]);
      }
    }
  }

  /** Takes slots, evicting what has to go; returns how many. */
  int reserve(int count) {
    reserved = space.reserve(count);
    reservedUsed = 0;
    return reserved.size();
  }

  /** Adds what is new of a prefix into slots taken before. */
  void insertReserved(BlockKeys keys) {
    int above = BlockIndex.NONE;
    for (int i = 0; i < keys.size(); i++) {
      int entry = index.find(keys.high(i), keys.low(i));
      above =
          entry == BlockIndex.NONE ? add(keys, i, above, reserved.slots()[reservedUsed++]) : entry;
    }
    touch(keys);
  }

  /** Evicts blocks and leaves their slots free. */
  void evict(int count) {
    for (int slot : space.reserve(count + free()).slots()) {
      space.release(Space.HUB, slot);
    }
  }

  private int free() {
    return index.capacity() - index.capacity() / 65 - index.size();
  }

  Planned fetch(BlockKeys keys) {
    int[] entries = new int[keys.size()];
    int found = index.match(keys, entries);
    for (int i = 0; i < found; i++) {
      index.pin(entries[i]);
    }
    return plans.fetch(List.of(requests.fetch(entries, found)), false);
  }

  void unpin(int[] entries) {
    ledger.unpin(entries, 0, entries.length);
  }

  private int add(BlockKeys keys, int i, int above, int slot) {
    int entry = index.add(keys.high(i), keys.low(i), above, i);
    index.assign(entry, Space.HUB, slot);
    space.publish(entry, Space.HUB);
    return entry;
  }

  private void touch(BlockKeys keys) {
    for (int i = keys.size() - 1; i >= 0; i--) {
      space.touch(index.find(keys.high(i), keys.low(i)));
    }
  }
}
