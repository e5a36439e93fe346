package io.pagoda.core.simulate;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.bench.BareSlots;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Copies;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Requests;
import io.pagoda.core.run.SharedTiers;
import io.pagoda.core.run.Taken;
import io.pagoda.core.run.Thrift;
import io.pagoda.core.space.Reservation;
import io.pagoda.core.space.Space;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The engine's own index, space and requests, in which every hop has ended as soon as it is
 * planned: so it holds what a store with one caller would.
 */
public final class StoreModel implements Simulated {
  private static final long BLOCK_BYTES = 4096;

  private final BlockIndex index;
  private final Space space;
  private final Ledger ledger;
  private final Requests requests;
  private final int[] found;
  private final long[] hits;
  private final long[] writes;
  private long references;

  /**
   * A tier of a simulated store.
   *
   * @param name what it is called
   * @param slots how many blocks it holds
   * @param policy who leaves it; of this tier alone
   */
  public record Tier(String name, int slots, EvictionPolicy policy) {}

  /**
   * Creates an empty store.
   *
   * @param tiers the hub first
   * @param edges one for each other tier
   */
  public StoreModel(List<Tier> tiers, List<Edge> edges) {
    List<TierNode> nodes = new ArrayList<>();
    int slots = 0;
    for (Tier tier : tiers) {
      nodes.add(new TierNode(tier.name, new BareSlots(tier.slots, BLOCK_BYTES), tier.policy));
      slots = Math.addExact(slots, tier.slots);
    }
    var graph = new TierGraph(nodes, edges, BLOCK_BYTES);
    index = new BlockIndex(nodes.size(), slots + slots / 64 + 1);
    space = new Space(index, graph);
    var shared = new SharedTiers(new Conductor(_ -> {}), nodes, index, space);
    ledger = new Ledger(index, space, nodes.size(), shared);
    requests = new Requests(ledger, edges, Thrift.NONE);
    found = new int[nodes.size()];
    hits = new long[nodes.size()];
    writes = new long[nodes.size()];
  }

  @Override
  public void serve(BlockKeys keys) {
    int[] entries = new int[keys.size()];
    int matched = index.match(keys, entries);
    references += keys.size();
    count(entries, matched);
    int arrived = fetch(Arrays.copyOf(entries, matched));
    if (arrived < keys.size()) {
      put(requests.put(keys, Namespace.SHARED));
    }
  }

  private void count(int[] entries, int matched) {
    Arrays.fill(found, 0);
    index.countHottest(entries, matched, found);
    for (int tier = 0; tier < found.length; tier++) {
      hits[tier] += found[tier];
    }
  }

  /** Fetches a prefix, a piece at a time if there is not room for all; returns how much came. */
  private int fetch(int[] prefix) {
    for (int entry : prefix) {
      index.pin(entry);
    }
    int arrived = 0;
    int[] left = prefix;
    while (left.length > 0) {
      Taken taken = requests.fetch(left, left.length);
      arrived += taken.size();
      fetched(taken);
      if (taken.size() == 0) {
        ledger.unpin(taken.left());
        return arrived;
      }
      left = taken.left();
    }
    return arrived;
  }

  private void fetched(Taken taken) {
    spill(taken.reservation().spills());
    int next = 0;
    for (int i = 0; i < taken.size(); i++) {
      if (taken.tiers()[i] != Space.HUB) {
        int entry = taken.entries()[i];
        int slot = taken.reservation().slots()[next++];
        if (index.slot(entry, Space.HUB) == slot) {
          space.publish(entry, Space.HUB);
        } else {
          space.release(Space.HUB, slot);
        }
      }
    }
    for (; next < taken.reservation().size(); next++) {
      space.release(Space.HUB, taken.reservation().slots()[next]);
    }
    end(taken);
  }

  private void put(Taken taken) {
    spill(taken.reservation().spills());
    int used = 0;
    for (int i = 0; i < taken.size(); i++) {
      if (taken.gathered()[i] != Copies.IN_HUB) {
        used++;
        writes[Space.HUB]++;
        space.publish(taken.entries()[i], Space.HUB);
      }
    }
    for (; used < taken.reservation().size(); used++) {
      space.release(Space.HUB, taken.reservation().slots()[used]);
    }
    end(taken);
  }

  private void spill(Reservation.Spills spills) {
    for (int i = 0; i < spills.size(); i++) {
      store(spills.entries()[i], spills.tiers()[i]);
      index.unpin(spills.entries()[i]);
    }
  }

  private void store(int entry, int tier) {
    writes[tier]++;
    space.publish(entry, tier);
  }

  /** The caller has what it wanted; what is written through follows. */
  private void end(Taken taken) {
    for (int i = taken.size() - 1; i >= 0; i--) {
      space.touch(taken.entries()[i]);
    }
    for (Copies copies : taken.copies()) {
      for (int i = copies.size() - 1; i >= 0; i--) {
        store(copies.entries()[i], copies.tier());
      }
    }
    ledger.unpin(taken.entries());
  }

  @Override
  public Counts counts() {
    return new Counts(references, hits.clone(), writes.clone());
  }
}
