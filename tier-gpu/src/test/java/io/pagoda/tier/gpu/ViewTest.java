package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;

/**
 * The arithmetic of copies, without a device: device memory is an array, and every way to copy must
 * leave in it what one byte at a time would.
 */
class ViewTest {
  private static final long DEVICE = 1L << 40;
  private static final long STAGE = 1L << 41;

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final int chunks = random.nextInt(1, 7);
  private final int chunkBytes = random.nextInt(1, 9000);
  private final int blocks = random.nextInt(1, 6);
  private final int gap = random.nextInt(3) == 0 ? random.nextInt(1, 50) : 0;
  private final int blockBytes = chunks * (chunkBytes + gap);
  private final List<Stripe> stripes = stripes();

  /** Layer first: each stripe holds the chunks of all blocks side by side. */
  private List<Stripe> stripes() {
    List<Stripe> made = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      long address = DEVICE + (long) i * blocks * chunkBytes;
      made.add(new Stripe(address, chunkBytes, (long) i * (chunkBytes + gap), chunkBytes));
    }
    Collections.shuffle(made, new Random(seed));
    return made;
  }

  /** Which byte of which block of device memory belongs to each byte of blocks in host memory. */
  private int[] expected(List<Stripe> of, int[] numbers) {
    int[] at = new int[numbers.length * blockBytes];
    Arrays.fill(at, -1);
    for (int i = 0; i < numbers.length; i++) {
      for (Stripe stripe : of) {
        for (int k = 0; k < stripe.bytes(); k++) {
          long from = stripe.address() - DEVICE + stripe.stride() * numbers[i] + k;
          at[i * blockBytes + Math.toIntExact(stripe.offset()) + k] = Math.toIntExact(from);
        }
      }
    }
    return at;
  }

  private void apply(Copies copies, long base, int[] at, long deviceBase) {
    for (int i = 0; i < copies.count(); i++) {
      for (long k = 0; k < copies.bytes[i]; k++) {
        int to = Math.toIntExact(copies.host[i] + k - base);
        assertEquals(-1, at[to], "byte " + to + " is copied twice; seed " + seed);
        at[to] = Math.toIntExact(copies.device[i] + k - deviceBase);
      }
    }
  }

  private BlockBatch batch(MemorySegment memory, int[] numbers) {
    long[] offsets = new long[numbers.length];
    Arrays.setAll(offsets, i -> (long) i * blockBytes);
    return BlockBatch.withoutKeys(memory, offsets, numbers, blockBytes);
  }

  @RepeatedTest(200)
  void scatteredCopiesMoveEveryByteOnce() {
    int[] numbers =
        random.ints(0, blocks).distinct().limit(random.nextInt(1, blocks + 1)).toArray();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate((long) numbers.length * blockBytes);
      long border = memory.address() + random.nextInt(1, Math.toIntExact(memory.byteSize()) + 1);
      var copies = new Copies(
          numbers.length * chunks, random.nextBoolean(),
          address -> address < border ? border : Long.MAX_VALUE);
      View.of(stripes)
          .scattered(Order.byAddress(batch(memory, numbers)), 0, numbers.length, copies);
      int[] at = new int[numbers.length * blockBytes];
      Arrays.fill(at, -1);
      apply(copies, memory.address(), at, DEVICE);
      assertArrayEquals(expected(stripes, numbers), at, "seed " + seed);
      for (int i = 0; i < copies.count(); i++) {
        long from = copies.host[i];
        assertTrue(
            from >= border || from + copies.bytes[i] <= border,
            "no copy reaches over what was pinned together; seed " + seed);
      }
    }
  }

  @RepeatedTest(200)
  void windowsHoldEveryByteOnceAndReachNoFurtherThanAsked() {
    long span = random.nextInt(1, 2 * blockBytes);
    List<Stripe> all = new ArrayList<>();
    for (View window : View.windows(stripes, span)) {
      assertTrue(window.span() <= span, "seed " + seed);
      all.addAll(window.stripes());
    }
    int[] one = {random.nextInt(blocks)};
    assertArrayEquals(expected(stripes, one), expected(all, one), "seed " + seed);
    assertEquals(
        stripes.stream().mapToLong(Stripe::bytes).sum(),
        all.stream().mapToLong(Stripe::bytes).sum(), "seed " + seed);
  }

  @RepeatedTest(200)
  void aStageHoldsBlocksAsTheKernelPutsThem() {
    int[] numbers =
        random.ints(0, blocks).distinct().limit(random.nextInt(1, blocks + 1)).toArray();
    View view = View.of(stripes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate((long) numbers.length * blockBytes);
      Order batch = Order.byAddress(batch(memory, numbers));
      int from = random.nextInt(numbers.length);
      var copies =
          new Copies((numbers.length - from) * view.ranges().size(), true, _ -> Long.MAX_VALUE);
      view.staged(batch, from, numbers.length, STAGE, copies);
      int[] at = new int[numbers.length * blockBytes];
      Arrays.fill(at, -1);
      apply(copies, memory.address(), at, STAGE);
      // The kernel takes the stage for blocks in host memory, whose first byte would be here.
      for (int i = from; i < numbers.length; i++) {
        long block = (i - from) * view.span() - view.start();
        for (Stripe stripe : stripes) {
          for (int k = 0; k < stripe.bytes(); k++) {
            int byteOfBlock = Math.toIntExact(stripe.offset()) + k;
            assertEquals(block + byteOfBlock, at[i * blockBytes + byteOfBlock], "seed " + seed);
          }
        }
      }
    }
  }

  @RepeatedTest(200)
  void piecesCutStripesAndNothingElse() {
    Pieces pieces = Pieces.of(stripes);
    assertTrue(pieces.list().stream().allMatch(piece -> piece.bytes() <= Pieces.BYTES));
    int[] one = {random.nextInt(blocks)};
    assertArrayEquals(expected(stripes, one), expected(pieces.list(), one), "seed " + seed);
    long[] table = pieces.table();
    assertEquals(pieces.list().size() * Pieces.ENTRY_BYTES, table.length * Long.BYTES);
    Stripe last = pieces.list().getLast();
    assertArrayEquals(
        new long[] {last.address(), last.stride(), last.offset(), last.bytes()},
        Arrays.copyOfRange(table, table.length - 4, table.length));
  }
}
