package io.pagoda.core.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Namespace;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.index.BlockIndex;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which of an owner's blocks goes first, and what it costs to learn that none may. */
class TenantsOrderTest {
  private static final int OWNER = 1;

  private final BlockIndex index = new BlockIndex(1, 100_000);
  private final Tenants tenants =
      new Tenants(index, List.of(new Quota(Namespace.of("a"), 100_000, Duration.ZERO)), () -> 0);
  private final List<Integer> entries = new ArrayList<>();
  private long nextKey = 1;

  private int add(int parent) {
    int depth = parent == BlockIndex.NONE ? 0 : index.depth(parent) + 1;
    int entry = index.add(1, nextKey++, parent, depth);
    tenants.own(entry, OWNER);
    index.assign(entry, 0, entry);
    index.pin(entry);
    entries.add(entry);
    return entry;
  }

  private boolean mayGo(int entry) {
    return !index.pinned(entry) && index.leaf(entry);
  }

  @Test
  void whatMayNotGoIsPassedOverOnce() {
    for (int i = 0; i < 50_000; i++) {
      add(BlockIndex.NONE);
    }
    var thread = ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadCpuTime();
    for (int i = 0; i < 50_000; i++) {
      assertEquals(-1, tenants.coldest(OWNER));
    }
    long took = thread.getCurrentThreadCpuTime() - before; // whoever else is at work meanwhile
    assertTrue(took < 2_000_000_000L, () -> took + " ns to learn that none may");
    index.unpin(entries.get(30_000));
    assertEquals(entries.get(30_000), tenants.coldest(OWNER));
    assertEquals(50_000, tenants.room(OWNER));
  }

  @Test
  void somethingGoesIfAndOnlyIfSomethingMay() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int step = 0; step < 50_000; step++) {
      change(random);
      int coldest = tenants.coldest(OWNER);
      boolean any = entries.stream().anyMatch(this::mayGo);
      String repeat = "step " + step + " of -Dpagoda.seed=" + seed;
      assertEquals(any, coldest != -1, repeat);
      assertTrue(!any || mayGo(coldest), repeat);
      assertEquals(100_000 - entries.size(), tenants.room(OWNER), repeat);
    }
  }

  private void change(SplittableRandom random) {
    if (entries.isEmpty() || (entries.size() < 12 && random.nextInt(3) == 0)) {
      boolean root = entries.isEmpty() || random.nextInt(3) == 0;
      add(root ? BlockIndex.NONE : entries.get(random.nextInt(entries.size())));
      return;
    }
    int entry = entries.get(random.nextInt(entries.size()));
    switch (random.nextInt(4)) {
      case 0 -> tenants.touch(entry);
      case 1 -> index.pin(entry);
      default -> {
        if (index.pinned(entry)) {
          index.unpin(entry);
        } else if (tenants.coldest(OWNER) == entry) {
          entries.remove(Integer.valueOf(entry));
          index.unassign(entry, 0);
        }
      }
    }
  }
}
