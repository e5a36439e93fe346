package io.pagoda.core.revive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.Seals;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LineageTest {
  /** A block: its number, that of the block before it (0 for none), and its generation. */
  private record Block(long low, long parent, long generation) {}

  private static List<Long> order(int room, List<Block> blocks) {
    var census = new Census(2, 1);
    census.begin(1, blocks.size());
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      long[] parent = {block.parent == 0 ? 0 : 7, block.parent};
      census.block(i, block.generation, 7, block.low, new Seals(parent, new int[1], 1));
    }
    census.end();
    var lineage = new Lineage(census, new Copies(census), room, (_, _) -> false);
    List<Long> lows = new ArrayList<>();
    for (int i = 0; i < lineage.size(); i++) {
      lows.add(census.low(lineage.record(i)));
    }
    return lows;
  }

  @Test
  void theNewestPathComesFirstAndEachIsInOnePiece() {
    var blocks = List.of(
        new Block(1, 0, 1L << 40), new Block(2, 1, (1L << 40) + 1), new Block(11, 0, 1L << 41),
        new Block(12, 11, (1L << 41) + 1), new Block(3, 2, 1L << 50), new Block(21, 0, -5));
    assertEquals(List.of(1L, 2L, 3L, 11L, 12L, 21L), order(100, blocks));
  }

  @Test
  void theNewestWinAsWholePrefixes() {
    var blocks = List.of(
        new Block(1, 0, 1), new Block(2, 1, 2), new Block(11, 0, 3), new Block(12, 11, 4),
        new Block(13, 12, 5), new Block(21, 0, 6));
    assertEquals(List.of(21L, 11L, 12L, 13L), order(4, blocks));
    assertEquals(List.of(21L, 11L, 12L), order(3, blocks), "what fits of the newest");
    assertEquals(List.of(21L), order(1, blocks));
  }

  @Test
  void whatComesAfterNothingIsLeftOut() {
    var blocks = List.of(
        new Block(1, 0, 1), new Block(3, 2, 9), new Block(4, 3, 10), new Block(5, 5, 11),
        new Block(6, 7, 12), new Block(7, 6, 13), new Block(8, 1, 3));
    assertEquals(List.of(1L, 8L), order(100, blocks));
  }

  @Test
  void anyForestComesParentsFirstWhateverTheOrder() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    for (int turn = 0; turn < 200; turn++) {
      List<Block> blocks = new ArrayList<>();
      for (long low = 1; low <= 1 + random.nextInt(60); low++) {
        blocks.add(new Block(low, random.nextInt((int) low), random.nextLong()));
      }
      Collections.shuffle(blocks, random);
      Set<Long> seen = new HashSet<>(Set.of(0L));
      List<Long> order = order(1000, blocks);
      assertEquals(blocks.size(), order.size(), "seed " + seed);
      for (long low : order) {
        Block block = blocks.stream().filter(each -> each.low == low).findFirst().orElseThrow();
        assertTrue(seen.contains(block.parent), "seed " + seed + ": " + order);
        seen.add(low);
      }
    }
  }
}
