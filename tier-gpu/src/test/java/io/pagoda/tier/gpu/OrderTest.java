package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;

class OrderTest {
  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private record Block(long address, int number) {}

  @RepeatedTest(100)
  void everyBlockIsThereOnceInTheOrderOfAddresses() {
    int size = random.nextInt(1, 50);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64 * 20);
      long[] offsets = new long[size];
      int[] numbers = new int[size];
      // Some are twice in host memory: a put may name the same block for two.
      Arrays.setAll(offsets, _ -> random.nextInt(20) * 64L);
      Arrays.setAll(numbers, i -> i);
      List<Block> expected = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        expected.add(new Block(memory.address() + offsets[i], numbers[i]));
      }
      Order order = Order.byAddress(BlockBatch.withoutKeys(memory, offsets, numbers, 64));
      List<Block> found = new ArrayList<>();
      for (int i = 0; i < order.size(); i++) {
        assertTrue(i == 0 || order.address(i - 1) <= order.address(i), "ascending; seed " + seed);
        found.add(new Block(order.address(i), order.slot(i)));
      }
      assertEquals(size, found.size());
      expected.removeAll(found);
      assertEquals(List.of(), expected, "missing; seed " + seed);
    }
  }
}
