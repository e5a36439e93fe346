package io.pagoda.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockIndexTest {
  private final BlockIndex index = new BlockIndex(2, 8);

  private static BlockKeys keys(long... lows) {
    long[] words = new long[2 * lows.length];
    for (int i = 0; i < lows.length; i++) {
      words[2 * i + 1] = lows[i];
    }
    return BlockKeys.ofWords(words);
  }

  private int[] insert(BlockKeys keys, boolean ready) {
    int[] entries = new int[keys.size()];
    int above = BlockIndex.NONE;
    for (int i = 0; i < entries.length; i++) {
      entries[i] = index.find(keys.high(i), keys.low(i));
      if (entries[i] == BlockIndex.NONE) {
        entries[i] = index.add(keys.high(i), keys.low(i), above, i);
        index.assign(entries[i], 0, entries[i]);
        if (ready) {
          index.publish(entries[i], 0);
        }
      }
      above = entries[i];
    }
    return entries;
  }

  private int match(BlockKeys keys) {
    return index.match(keys, new int[keys.size()]);
  }

  @Test
  void matchesWhatIsReadyAndNoFurther() {
    insert(keys(1, 2, 3, 4), true);
    assertEquals(4, match(keys(1, 2, 3, 4)));
    assertEquals(4, match(keys(1, 2, 3, 4, 5)));
    assertEquals(2, match(keys(1, 2, 30, 40)));
    assertEquals(0, match(keys(9)));
    assertEquals(0, match(keys()));
  }

  @Test
  void aBlockOnItsWayEndsThePrefix() {
    int[] entries = insert(keys(1, 2, 3, 4), false);
    assertEquals(0, match(keys(1, 2, 3, 4)));
    index.publish(entries[0], 0);
    index.publish(entries[2], 0);
    assertEquals(1, match(keys(1, 2, 3, 4)));
    index.publish(entries[1], 0);
    assertEquals(3, match(keys(1, 2, 3, 4)));
  }

  @Test
  void aKeyOfNothingButZerosIsAKey() {
    int before = insert(keys(5), true)[0];
    insert(keys(0), true);
    index.unassign(before, 0);
    assertEquals(1, match(keys(0)), "an entry that has ended is not it");
  }

  @Test
  void countsSuccessorsTierByTier() {
    int[] stem = insert(keys(1, 2), true);
    int[] fork = insert(keys(1, 2, 3), true);
    insert(keys(1, 2, 4), true);
    assertEquals(1, index.children(stem[0], 0));
    assertEquals(2, index.children(stem[1], 0));
    assertTrue(index.leaf(fork[2]));
    index.assign(fork[2], 1, 0);
    index.unassign(fork[2], 0);
    assertEquals(1, index.children(stem[1], 0));
    assertEquals(1, index.children(stem[1], 1));
    index.unassign(fork[2], 1);
    assertEquals(0, index.children(stem[1], 1));
    assertEquals(BlockIndex.NONE, index.find(0, 3));
  }

  @Test
  void aPinnedBlockWithoutASlotStaysUntilItIsUnpinned() {
    int entry = insert(keys(1), true)[0];
    index.pin(entry);
    index.unassign(entry, 0);
    assertEquals(1, index.ghosts());
    assertEquals(entry, index.find(0, 1));
    assertFalse(index.ready(entry));
    index.unpin(entry);
    assertEquals(0, index.ghosts());
    assertEquals(BlockIndex.NONE, index.find(0, 1));
    assertEquals(0, index.size());
  }

  @Test
  void anOrphanIsAdoptedWhenItsPrefixReturns() {
    int[] entries = insert(keys(1, 2), true);
    index.unassign(entries[0], 0);
    index.sweep();
    assertEquals(BlockIndex.NONE, index.parent(entries[1]), "its parent is gone");
    int again = index.add(0, 1, BlockIndex.NONE, 0);
    index.assign(again, 0, 7);
    assertEquals(0, index.children(again, 0), "an entry number in a new life is nobody's parent");
    index.adopt(entries[1], again);
    assertEquals(1, index.children(again, 0));
    assertEquals(again, index.parent(entries[1]));
  }

  @Test
  void saysWhenItIsFullAndWhenAPinIsNotThere() {
    insert(keys(1, 2, 3, 4, 5, 6, 7, 8), true);
    assertThrows(IllegalStateException.class, () -> index.add(0, 9, BlockIndex.NONE, 0));
    assertThrows(IllegalStateException.class, () -> index.unpin(0));
    assertThrows(IllegalArgumentException.class, () -> new BlockIndex(0, 8));
    assertThrows(IllegalArgumentException.class, () -> new BlockIndex(9, 8));
  }

  /** Keys some of whose homes collide, added and removed at random, against a map. */
  @Test
  void findsWhatAMapFinds() {
    findsWhatAMapFinds(1, 200_000);
  }

  /** Keys that share one home, so that most are further from it than a byte can tell. */
  @Test
  void findsWhatAMapFindsThoughAllKeysCollide() {
    long unspread = 0xF1DE83E19937733DL;
    assertEquals(1, unspread * 0x9E3779B97F4A7C15L, "it undoes what the table multiplies with");
    findsWhatAMapFinds(unspread, 50_000);
  }

  private static void findsWhatAMapFinds(long factor, int steps) {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var crowded = new BlockIndex(1, 512);
    Map<Long, Integer> model = new HashMap<>();
    List<Long> present = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      int growth = (i >> 12 & 1) == 0 ? 7 : 3;
      if (present.size() < 512 && random.nextInt(10) < growth) {
        long low = factor * (random.nextInt(3) == 0 ? random.nextInt() >>> 1 : random.nextInt(600));
        if (!model.containsKey(low)) {
          int entry = crowded.add(~low, low, BlockIndex.NONE, 0);
          crowded.assign(entry, 0, 0);
          model.put(low, entry);
          present.add(low);
        }
      } else if (!present.isEmpty()) {
        int at = random.nextInt(present.size());
        long low = present.set(at, present.getLast());
        present.removeLast();
        crowded.unassign(model.getOrDefault(low, BlockIndex.NONE), 0);
        model.remove(low);
      }
      long probe = factor * random.nextInt(600);
      assertEquals(
          model.getOrDefault(probe, BlockIndex.NONE), crowded.find(~probe, probe),
          "repeat with -Dpagoda.seed=" + seed);
      assertEquals(present.size(), crowded.size(), "repeat with -Dpagoda.seed=" + seed);
    }
  }
}
