package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which blocks share an object. A block is called 10 × prefix + depth here, from prefix 1. */
class ObjectGroupingTest {
  private static List<List<Integer>> grouped(int group, int... names) {
    int count = names.length;
    long[] keys = new long[2 * count];
    long[] parents = new long[2 * count];
    for (int i = 0; i < count; i++) {
      keys[2 * i] = names[i];
      parents[2 * i] = names[i] % 10 == 0 ? 0 : names[i] - 1;
    }
    int[] depths = IntStream.of(names).map(name -> name % 10).toArray();
    var seals = new Seals(parents, depths, new int[count], 1);
    try (Arena arena = Arena.ofConfined()) {
      var batch = BlockBatch.of(arena.allocate(8), new long[count], new int[count], keys, 8);
      return Grouping.of(batch, seals, group)
          .stream()
          .map(object -> Arrays.stream(object).map(at -> names[at]).boxed().toList())
          .toList();
    }
  }

  @Test
  void wholeGroupsOfOnePrefixShareAnObject() {
    assertEquals(
        List.of(List.of(11), List.of(12, 13), List.of(14, 15), List.of(16)),
        grouped(2, 11, 12, 13, 14, 15, 16));
  }

  @Test
  void prefixesThatAreMixedAreToldApart() {
    assertEquals(
        List.of(List.of(10, 11, 12), List.of(20, 21, 22), List.of(13), List.of(23)),
        grouped(3, 20, 10, 21, 11, 12, 22, 23, 13).stream()
            .sorted(
                (a, b) -> a.size() == b.size() ? a.getFirst() - b.getFirst() : b.size() - a.size())
            .toList());
  }

  @Test
  void aGroupWithAGapIsNone() {
    assertEquals(List.of(List.of(10), List.of(12), List.of(13)), grouped(4, 10, 12, 13));
  }

  @Test
  void inAnyOrder() {
    assertEquals(List.of(List.of(10, 11), List.of(12, 13)), grouped(2, 13, 12, 11, 10));
  }
}
