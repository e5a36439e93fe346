package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.spi.tier.BatchResult;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Objects of several blocks that are not what they should be, or are encrypted. */
class ObjectRunsWrongTest extends InRuns {
  private byte[] object(long block) {
    long[] key = Member.key(block);
    String end = "%016x%016x".formatted(key[0], key[1]);
    return objects.entrySet()
        .stream()
        .filter(each -> each.getKey().endsWith(end))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  @Test
  void aWrongByteCostsItsBlockAndNoOther() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    for (Optional<Secret> secret : List.of(Optional.<Secret>empty(), Optional.of(SECRET))) {
      for (int round = 0; round < 40; round++) {
        objects.clear();
        var settings = Rig.packed(Compression.NONE, secret, GROUP);
        try (Member writer = new Member(settings, bucket);
            Member reader = new Member(settings, bucket)) {
          writer.storeAt(0, names(0, 12));
          assertEquals(12, reader.find(names(0, 12)));
          byte[] object = object(7);
          object[random.nextInt(object.length)] ^= (byte) (1 << random.nextInt(8));
          BatchResult result = reader.load(names(0, 12));
          BitSet moved = new BitSet();
          for (int i = 0; i < 12; i++) {
            moved.set(i, result.moved(i));
          }
          assertTrue(
              moved.cardinality() == 11 || moved.cardinality() == 8, () -> moved + " " + seed);
          assertEquals(4, reader.find(names(0, 12)), () -> "seed " + seed);
          assertEquals(BatchResult.COMPLETE, reader.storeAt(0, names(4, 8)));
          assertEquals(12, reader.find(names(0, 12)));
          assertEquals(BatchResult.COMPLETE, reader.load(names(0, 12)));
          try (Member other = new Member(settings, bucket)) {
            assertEquals(12, other.find(names(0, 12)));
            assertEquals(BatchResult.COMPLETE, other.load(names(0, 12)));
          }
        }
      }
    }
  }

  @Test
  void whatIsRejectedTakesItsObjectAlong() {
    try (Member one = member(GROUP)) {
      one.storeAt(0, names(0, 12));
      one.tier().reject(Member.key(5)[0], Member.key(5)[1]);
      assertEquals(4, one.find(names(0, 12)));
      // The engine has the others still, and stores the one that it lost.
      assertEquals(BatchResult.COMPLETE, one.storeAt(0, 5));
      assertEquals(BatchResult.COMPLETE, one.storeAt(0, names(4, 8)));
      assertEquals(12, one.find(names(0, 12)));
      assertEquals(BatchResult.COMPLETE, one.load(names(0, 12)));
    }
  }

  @Test
  void aRunThatASingleBlockHasReplacedIsMissed() {
    try (Member one = member(GROUP);
        Member other = member(GROUP)) {
      one.storeAt(0, names(0, 8));
      assertEquals(8, other.find(names(0, 8)));
      one.tier().reject(Member.key(7)[0], Member.key(7)[1]);
      one.storeAt(0, 7);
      BatchResult result = other.load(names(0, 8));
      assertTrue(result.moved(3) && result.moved(7));
      assertFalse(result.moved(4) || result.moved(5) || result.moved(6));
      assertEquals(BatchResult.COMPLETE, other.storeAt(0, names(4, 8)));
      assertEquals(BatchResult.COMPLETE, other.load(names(0, 8)));
    }
  }

  @Test
  void nothingIsFoundWithoutTheFirstBlock() {
    try (Member one = member(GROUP);
        Member other = member(GROUP)) {
      one.storeAt(0, names(1, 4));
      one.storeAt(0, names(4, 8));
      assertEquals(0, other.find(names(0, 8)));
      assertInstanceOf(BatchResult.Failed.class, other.load(0));
      assertEquals(7, other.findAt(1, names(1, 8)));
    }
  }

  /** Leaves so many bytes of the object of four blocks, which begins with 288 of a header. */
  private void cut(int bytes) {
    objects.replaceAll((_, object) -> Arrays.copyOf(object, bytes));
  }

  @Test
  void anObjectThatEndsWithinItsHeaderIsNone() {
    var scarce = new MemoryBucket(objects) {
      @Override
      public CompletionStage<Void> get(String name, Download into) {
        return requests.get() > 100
            ? CompletableFuture.failedStage(new ObjectFailure(Kind.DENIED, "too many", null))
            : super.get(name, into);
      }
    };
    for (int group : new int[] {1, GROUP, 2 * GROUP}) {
      objects.clear();
      scarce.requests.set(0);
      try (Member one = member(GROUP);
          Member other = new Member(Rig.packed(Compression.LZ4, Optional.empty(), group), scarce)) {
        one.storeAt(0, names(0, GROUP));
        cut(200);
        assertEquals(0, other.find(names(0, GROUP)));
        assertInstanceOf(BatchResult.Failed.class, other.load(3));
        assertTrue(scarce.requests.get() < 20, () -> scarce.requests + " requests");
        assertEquals(BatchResult.COMPLETE, other.storeAt(0, names(0, GROUP)));
        assertEquals(BatchResult.COMPLETE, other.load(names(0, GROUP)));
      }
    }
  }

  @Test
  void anObjectThatEndsBeforeItsBlocksIsNone() {
    var exact = new MemoryBucket(objects) {
      @Override
      public CompletionStage<Void> get(String name, Download into) {
        byte[] object = objects.get(name);
        return object == null || into.from() < object.length
            ? super.get(name, into)
            : CompletableFuture.failedStage(
                new ObjectFailure(ObjectFailure.kindOf(416, "InvalidRange"), "no range", null));
      }
    };
    var settings = Rig.packed(Compression.LZ4, Optional.empty(), GROUP);
    for (int bytes : new int[] {0, 288}) {
      objects.clear();
      try (Member one = new Member(settings, exact);
          Member other = new Member(settings, exact)) {
        one.storeAt(0, names(0, GROUP));
        cut(bytes);
        assertInstanceOf(BatchResult.Failed.class, other.load(names(0, GROUP)));
        assertEquals(BatchResult.COMPLETE, other.storeAt(0, names(0, GROUP)));
        assertEquals(BatchResult.COMPLETE, other.load(names(0, GROUP)));
      }
    }
  }

  @Test
  void eachBlockHasANonceOfItsOwn() {
    byte[] first = new byte[Secret.NONCE_BYTES];
    Arrays.fill(first, 8, 12, (byte) 0xff);
    assertEquals(0xff, Secret.nonce(first, 0)[11] & 0xff);
    byte[] second = Secret.nonce(first, 1);
    assertEquals(0, second[8] | second[9] | second[10] | second[11]);
    assertEquals(0, second[7], "nothing is carried");
    assertEquals(1, Secret.nonce(first, 2)[11]);
  }

  @Test
  void noTwoBlocksHaveAKeyStream() {
    try (Member member = new Member(Rig.packed(Compression.NONE, Optional.of(SECRET), 2), bucket)) {
      member.storeAt(0, 0, 1);
      byte[] object = object(1);
      int block = (int) Rig.BLOCK_BYTES;
      int first = object.length - 2 * (block + Secret.TAG_BYTES);
      int second = first + block + Secret.TAG_BYTES;
      int equal = 0;
      for (int i = 0; i < block; i++) {
        byte one = (byte) (object[first + i] ^ (byte) (i / 100));
        byte other = (byte) (object[second + i] ^ (byte) (1 + i / 100));
        equal += one == other ? 1 : 0;
      }
      int same = equal;
      assertTrue(same < block / 50, () -> same + " bytes of the key stream are those of another");
    }
  }
}
