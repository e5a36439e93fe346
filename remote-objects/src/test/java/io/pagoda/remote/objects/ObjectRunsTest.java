package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Metered.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Objects of several blocks: who stores, finds and reads them. */
class ObjectRunsTest extends InRuns {
  private int requestsOf(Runnable what) {
    int before = bucket.requests.get();
    what.run();
    return bucket.requests.get() - before;
  }

  @Test
  void aGroupIsOneObjectAndOneRequest() {
    try (Member writer = member(GROUP);
        Member reader = member(GROUP)) {
      assertEquals(4, requestsOf(() -> writer.storeAt(0, names(0, 16))));
      assertEquals(4, objects.size());
      assertEquals(4, writer.figure(Figure.OBJECTS_STORED));
      assertEquals(16, writer.figure(Figure.BLOCKS_STORED));
      assertEquals(4, requestsOf(() -> writer.load(names(0, 16))));
      assertEquals(16, reader.find(names(0, 16)));
      assertEquals(
          4, requestsOf(() -> assertEquals(BatchResult.COMPLETE, reader.load(names(0, 16)))));
      assertEquals(4, reader.figure(Figure.OBJECTS_LOADED));
      assertEquals(16, reader.figure(Figure.BLOCKS_LOADED));
    }
  }

  @Test
  void whatDoesNotFillAGroupIsAlone() {
    try (Member writer = member(GROUP)) {
      writer.storeAt(0, names(1, 7)); // the end of one group, the beginning of another
      assertEquals(6, objects.size());
      writer.storeAt(0, 8, 9, 11, 12); // not consecutive
      assertEquals(10, objects.size());
      writer.store(20); // of unknown depth
      assertEquals(11, objects.size());
      writer.storeAt(0, 27, 26, 25, 24, 31); // from the end, as blocks leave the hub
      assertEquals(13, objects.size());
      assertEquals(BatchResult.COMPLETE, writer.load(24, 25, 26, 27, 31));
    }
  }

  @Test
  void aPrefixMayEndWithinAGroup() {
    try (Member writer = member(GROUP);
        Member reader = member(GROUP);
        Member later = member(GROUP)) {
      writer.storeAt(0, names(0, 10));
      assertEquals(4, objects.size());
      assertEquals(10, reader.find(names(0, 10)));
      assertEquals(10, later.find(names(0, 30)));
      assertEquals(BatchResult.COMPLETE, later.load(names(0, 10)));
      // The last key of the group that blocks 4 to 6 are in is not asked for.
      assertEquals(7, later.find(names(0, 7)), "known from before");
      try (Member fresh = member(GROUP)) {
        assertEquals(4, fresh.find(names(0, 7)), "not known");
      }
    }
  }

  @Test
  void findsFromTheMiddleOfAGroup() {
    try (Member writer = member(GROUP)) {
      writer.storeAt(0, names(0, 21));
    }
    for (int from = 0; from < 21; from++) {
      try (Member reader = member(GROUP)) {
        assertEquals(21 - from, reader.findAt(from, names(from, 30)), "from " + from);
        assertEquals(BatchResult.COMPLETE, reader.load(names(from, 21)), "from " + from);
      }
    }
  }

  @Test
  void loadsAnyPartOfAGroup() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    try (Member writer = member(8)) {
      writer.storeAt(0, names(0, 24));
      for (int round = 0; round < 50; round++) {
        long[] some = LongStream.range(0, 24).filter(_ -> random.nextInt(3) > 0).toArray();
        try (Member reader = member(8)) {
          assertEquals(24, reader.find(names(0, 24)));
          assertEquals(BatchResult.COMPLETE, reader.load(some), () -> "seed " + seed);
        }
      }
    }
  }

  @Test
  void runsAndSingleBlocksMix() {
    try (Member writer = member(GROUP);
        Member reader = member(GROUP)) {
      for (long[] batch : List.of(names(0, 4), names(4, 6), names(6, 8), names(8, 16))) {
        assertEquals(BatchResult.COMPLETE, writer.storeAt(0, batch));
      }
      assertEquals(1 + 4 + 2, objects.size());
      assertEquals(16, reader.find(names(0, 18)));
      assertEquals(BatchResult.COMPLETE, reader.load(names(0, 16)));
      assertEquals(BatchResult.COMPLETE, reader.load(5));
    }
  }

  @Test
  void groupsOfOtherNumbersAreFoundInPartOrNotAndNeverWrong() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    int[] sizes = {1, 2, 3, 4, 8, 16};
    for (int round = 0; round < 60; round++) {
      objects.clear();
      int blocks = 1 + random.nextInt(40);
      for (int i = 0; i < 2; i++) {
        int from = random.nextInt(blocks);
        try (Member writer = member(sizes[random.nextInt(sizes.length)])) {
          assertEquals(BatchResult.COMPLETE, writer.storeAt(0, names(from, blocks)));
          assertEquals(BatchResult.COMPLETE, writer.storeAt(0, names(0, blocks)));
          assertEquals(blocks, writer.find(names(0, blocks)), () -> "seed " + seed);
          assertEquals(BatchResult.COMPLETE, writer.load(names(0, blocks)), () -> "seed " + seed);
        }
      }
      try (Member reader = member(sizes[random.nextInt(sizes.length)])) {
        int found = reader.find(names(0, blocks + 3));
        assertTrue(found <= blocks, () -> "seed " + seed);
        if (found > 0) {
          reader.load(names(0, found));
        }
        // What is stored once more is there, whatever was there.
        assertEquals(BatchResult.COMPLETE, reader.storeAt(0, names(0, blocks)));
        assertEquals(BatchResult.COMPLETE, reader.load(names(0, blocks)), () -> "seed " + seed);
      }
    }
  }

  @Test
  void findsAnyLengthExactly() {
    var random = new Random(1);
    for (Optional<Secret> secret : List.of(Optional.<Secret>empty(), Optional.of(SECRET))) {
      for (int round = 0; round < 30; round++) {
        objects.clear();
        int blocks = 1 + random.nextInt(600);
        var settings = Rig.packed(Compression.LZ4, secret, 1 + random.nextInt(10));
        try (Member writer = new Member(settings, bucket);
            Member reader = new Member(settings, bucket)) {
          writer.storeAt(0, names(0, blocks));
          int asked = requestsOf(() -> assertEquals(blocks, reader.find(names(0, 700))));
          assertTrue(asked <= 3 * 64 + 2, () -> asked + " requests");
          assertEquals(BatchResult.COMPLETE, reader.load(names(0, blocks)));
        }
      }
    }
  }

  @Test
  void forgetsWhatItKnewOfEachAndStillFindsThem() {
    try (Member one = member(GROUP)) {
      one.storeAt(0, names(0, 8));
      one.tier().forgetAll().exceptionally(_ -> null).toCompletableFuture().join();
      assertEquals(8, one.find(names(0, 8)));
      assertEquals(BatchResult.COMPLETE, one.load(names(0, 8)));
    }
  }

  @Test
  void loadsAGroupOfWhichNothingIsKnown() {
    try (Member one = member(GROUP);
        Member other = member(GROUP)) {
      one.storeAt(0, names(0, 8));
      assertEquals(BatchResult.COMPLETE, other.load(names(0, 8)));
    }
  }

  @Test
  void manyStoreOneGroupTogether() {
    for (int round = 0; round < 20; round++) {
      objects.clear();
      try (Member one = member(GROUP);
          Member other = member(GROUP);
          Member third = member(8)) {
        var members = List.of(one, other, third, one, other);
        List<CompletableFuture<BatchResult>> stores = new ArrayList<>();
        members.forEach(
            each -> stores.add(
                CompletableFuture.supplyAsync(() -> each.storeAt(0, names(0, 18)), Rig::start)));
        stores.forEach(each -> assertEquals(BatchResult.COMPLETE, Member.await(each)));
        for (Member each : members) {
          assertEquals(BatchResult.COMPLETE, each.load(names(0, 18)));
        }
      }
    }
  }
}
