package io.pagoda.remote.objects;

import io.pagoda.BlockKey;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Seals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which blocks of a batch share an object: those that fill a group, one after the other in their
 * prefix. Groups of {@code n} blocks begin at depths that are multiples of {@code n}, so that all
 * nodes have the same.
 */
final class Grouping {
  private final BlockBatch batch;
  private final Seals seals;
  private final int group;

  private Grouping(BlockBatch batch, Seals seals, int group) {
    this.batch = batch;
    this.seals = seals;
    this.group = group;
  }

  /**
   * Groups a batch.
   *
   * @param group how many blocks a group has
   * @return for each object the positions of its blocks in the batch, in the order of the prefix:
   *     {@code group} of them, or one
   */
  static List<int[]> of(BlockBatch batch, Seals seals, int group) {
    return new Grouping(batch, seals, group).objects();
  }

  /** Blocks of several prefixes may be in a batch, and in any order; mostly there is one. */
  private List<int[]> objects() {
    int[] blocks =
        group == 1 || ascending() ? IntStream.range(0, batch.size()).toArray() : chains();
    List<int[]> objects = new ArrayList<>();
    for (int at = 0; at < blocks.length;) {
      int count = run(blocks, at) ? group : 1;
      objects.add(Arrays.copyOfRange(blocks, at, at + count));
      at += count;
    }
    return objects;
  }

  /** {@return the blocks, each followed by one that comes after it in its prefix, if there is} */
  private int[] chains() {
    Map<BlockKey, Integer> after = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      after.putIfAbsent(new BlockKey(seals.parentHigh(i), seals.parentLow(i)), i);
    }
    Set<Integer> chained = new LinkedHashSet<>();
    IntStream.range(0, batch.size())
        .boxed()
        .sorted(Comparator.comparingInt(seals::depth))
        .forEach(first -> {
          for (Integer next = first; next != null && chained.add(next);) {
            next = after.get(batch.key(next));
          }
        });
    return chained.stream().mapToInt(Integer::intValue).toArray();
  }

  private boolean ascending() {
    return IntStream.range(1, batch.size()).allMatch(i -> seals.depth(i) > seals.depth(i - 1));
  }

  private boolean run(int[] blocks, int at) {
    int depth = seals.depth(blocks[at]);
    if (group == 1 || depth < 0 || depth % group != 0 || at + group > blocks.length) {
      return false;
    }
    return IntStream.range(at + 1, at + group).allMatch(i -> follows(blocks[i], blocks[i - 1]));
  }

  private boolean follows(int block, int before) {
    return seals.depth(block) == seals.depth(before) + 1
        && seals.parentHigh(block) == batch.keyHigh(before)
        && seals.parentLow(block) == batch.keyLow(before);
  }
}
