package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link io.pagoda.spi.tier.Keyed} as tests: what one tier stores, another that
 * shares its place finds and loads.
 */
public interface KeyedTierContract extends TierUnderTest {
  /** What these tests seal with. */
  SealShape SHAPE = new SealShape(3, 0x1a70_0001_0002L);

  /**
   * Opens a tier of at least 8 slots. All tiers of a test share one place, which is empty at first.
   * It has not been joined yet.
   */
  @Override
  StorageTier open();

  /** An empty place has nothing. */
  @Test
  default void findsNothingInTheBeginning() {
    try (var one = new Sharer(this, SHAPE)) {
      assertEquals(0, one.find(1));
      assertEquals(0, one.find(1, 2, 3));
    }
  }

  /** What was stored is found and loaded, where it was stored and by others. */
  @Test
  default void findsAndLoadsWhatWasStored() {
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      one.store(1, 2, 3);
      for (Sharer each : List.of(one, other)) {
        assertEquals(3, each.find(1, 2, 3));
        assertEquals(3, each.find(1, 2, 3, 4, 5));
        each.expect(1, 2, 3);
        each.expect(2);
      }
    }
  }

  /** What was stored is found by a tier that opens later. */
  @Test
  default void findsWhatWasStoredBefore() {
    try (var one = new Sharer(this, SHAPE)) {
      one.store(10, 11);
    }
    try (var later = new Sharer(this, SHAPE)) {
      assertEquals(2, later.find(10, 11, 12));
      later.expect(11, 10);
    }
  }

  /** Without its first block nothing of a prefix is found. */
  @Test
  default void findsNothingWithoutTheFirst() {
    try (var one = new Sharer(this, SHAPE)) {
      one.store(2, 3, 4);
      assertEquals(0, one.find(1, 2, 3, 4));
      assertEquals(3, one.find(2, 3, 4));
    }
  }

  /** Of prefixes of any length exactly what is there is found. */
  @Test
  default void findsTheEndOfAPrefix(Random random) {
    int blocks = 200;
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      one.store(LongStream.range(1000, 1000 + blocks).toArray());
      for (int round = 0; round < 20; round++) {
        int from = random.nextInt(blocks);
        int asked = 1 + random.nextInt(2 * blocks);
        long[] names = LongStream.range(1000 + from, 1000 + from + asked).toArray();
        assertEquals(Math.min(asked, blocks - from), other.find(names), "from " + from);
      }
    }
  }

  /** Blocks whose depths are told are found and loaded from any depth on, together or not. */
  @Test
  default void findsBlocksOfAnyDepth(Random random) {
    int blocks = 40;
    long[] names = LongStream.range(3000, 3000 + blocks).toArray();
    long[] more = LongStream.range(3000, 3000 + blocks + 5).toArray();
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      one.storeAt(0, names);
      for (int count = 1; count <= blocks; count++) {
        assertEquals(count, one.find(Arrays.copyOf(names, count)), "found where it was stored");
      }
      assertEquals(blocks, other.find(more));
      for (int round = 0; round < 20; round++) {
        int from = random.nextInt(blocks);
        int to = from + 1 + random.nextInt(blocks - from);
        long[] asked = Arrays.copyOfRange(more, from, more.length);
        assertEquals(blocks - from, other.findAt(from, asked), "from " + from);
        other.expect(Arrays.copyOfRange(names, from, to));
      }
    }
    try (var later = new Sharer(this, SHAPE)) {
      int from = random.nextInt(blocks);
      long[] rest = Arrays.copyOfRange(names, from, blocks);
      assertEquals(blocks - from, later.findAt(from, rest), "from " + from);
      later.expect(rest);
    }
  }

  /** A key is all of its bits: a block whose key differs in any one of them is another. */
  @Test
  default void tellsKeysApartByEachBit() {
    int bits = 2 * Long.SIZE;
    try (var one = new Sharer(this, SHAPE)) {
      one.store(4_000);
      long[] others = new long[2 * bits];
      for (int bit = 0; bit < bits; bit++) {
        long[] other = HostBlocks.words(4_000);
        other[bit / Long.SIZE] ^= 1L << bit;
        assertEquals(0, one.findKeys(0, other), "found by a key with another bit " + bit);
        System.arraycopy(other, 0, others, 2 * bit, 2);
      }
      one.expectMissingKeys(others, IntStream.range(0, bits).toArray());
      assertEquals(1, one.find(4_000));
      one.expect(4_000);
    }
  }

  /** A block that is not there is missed for good, and the others arrive. */
  @Test
  default void missesForGoodWhatIsNotThere() {
    try (var one = new Sharer(this, SHAPE)) {
      one.store(1, 3);
      one.expectMissing(new long[] {1, 2, 3}, 1);
      one.expectMissing(new long[] {7}, 0);
    }
  }

  /** A block that is there already makes a store complete, and stays. */
  @Test
  default void keepsWhatWasStoredFirst() {
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      one.store(5);
      one.storeWith(new long[] {5}, new long[] {500});
      other.storeWith(new long[] {5, 6}, new long[] {501, 6});
      other.expect(5, 6);
      one.expect(5, 6);
    }
  }

  /** Whoever stores one block at the same time: all complete, and it is there. */
  @Test
  default void storesABlockOnceForAll() {
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      for (long name = 1; name <= 20; name++) {
        long block = name;
        var stores = List.of(one, other, one, other)
            .stream()
            .map(
                each -> CompletableFuture
                    .runAsync(() -> each.store(block, block + 100), Sharer::start))
            .toList();
        stores.forEach(each -> Receipt.await(each, "a store", patience()));
        assertEquals(1, other.find(block));
        other.expect(block, block + 100);
      }
    }
  }

  /** What is rejected is not found, and is what it should be once it is stored anew. */
  @Test
  default void storesAnewWhatWasRejected() {
    try (var one = new Sharer(this, SHAPE)) {
      one.storeWith(new long[] {1, 2}, new long[] {1, 999});
      assertEquals(2, one.find(1, 2));
      one.reject(2);
      assertEquals(1, one.find(1, 2));
      one.store(2);
      assertEquals(2, one.find(1, 2));
      one.expect(1, 2);
    }
    try (var later = new Sharer(this, SHAPE)) {
      assertEquals(2, later.find(1, 2));
      later.expect(1, 2);
    }
  }

  /** Blocks that were sealed under another shape are not found. */
  @Test
  default void doesNotFindBlocksOfAnotherShape() {
    try (var one = new Sharer(this, SHAPE)) {
      one.store(1);
    }
    for (var shape : List.of(new SealShape(3, 7), new SealShape(4, SHAPE.layout()))) {
      try (var other = new Sharer(this, shape)) {
        assertEquals(0, other.find(1), shape::toString);
        other.expectMissing(new long[] {1}, 0);
        other.store(1);
        other.expect(1);
      }
    }
    try (var later = new Sharer(this, SHAPE)) {
      later.expect(1);
    }
  }

  /** Many loads and stores at once do not disturb each other. */
  @Test
  default void worksInManyThreads(Random random) {
    long seed = random.nextLong(1_000_000) * 10_000;
    try (var one = new Sharer(this, SHAPE);
        var other = new Sharer(this, SHAPE)) {
      var threads = LongStream.range(0, 8).mapToObj(thread -> CompletableFuture.runAsync(() -> {
        long[] names = LongStream.range(0, 12).map(i -> seed + 100 * thread + i).toArray();
        one.store(names);
        other.expect(names);
        assertTrue(one.find(names) == names.length, "found in the middle of others' work");
      }, Sharer::start)).toList();
      threads.forEach(each -> Receipt.await(each, "a thread", patience().multipliedBy(2)));
    }
  }
}
