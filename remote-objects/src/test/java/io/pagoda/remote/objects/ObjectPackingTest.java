package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.SettingsException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Blocks that are compressed or encrypted, and who can read them. */
class ObjectPackingTest {
  private static final Secret SECRET = Secret.of("0f".repeat(32), "here");

  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  private Member member(Compression compression, Optional<Secret> secret) {
    return new Member(Rig.packed(compression, secret), new MemoryBucket(objects));
  }

  @Test
  void everyNodeReadsWhatAnyHasCompressed() {
    var all = List.of(Compression.values());
    for (Compression one : all) {
      try (Member writer = member(one, Optional.empty())) {
        assertEquals(BatchResult.COMPLETE, writer.store(one.number()));
      }
    }
    assertEquals(all.size(), objects.size());
    for (Compression one : all) {
      try (Member reader = member(one, Optional.empty())) {
        for (Compression other : all) {
          assertEquals(BatchResult.COMPLETE, reader.load(other.number()), one + " reads " + other);
        }
      }
    }
  }

  @Test
  void compressedObjectsAreSmaller() {
    for (Compression one : List.of(Compression.LZ4, Compression.ZSTD)) {
      objects.clear();
      try (Member writer = member(one, Optional.empty())) {
        writer.store(1);
        int bytes = objects.firstEntry().getValue().length;
        assertTrue(bytes < Rig.BLOCK_BYTES / 5, () -> one + " takes " + bytes);
      }
    }
  }

  @Test
  void whoHasAnotherKeyOrNoneFindsNothing() {
    try (Member writer = member(Compression.NONE, Optional.of(SECRET));
        Member other = member(Compression.NONE, Optional.of(Secret.of("1e".repeat(32), "here")));
        Member none = member(Compression.NONE, Optional.empty())) {
      writer.store(1);
      assertEquals(1, writer.find(1));
      assertEquals(0, other.find(1));
      assertEquals(0, none.find(1));
      assertEquals(BatchResult.COMPLETE, writer.load(1));
    }
  }

  @Test
  void whatIsEncryptedCannotBeReadOrChanged() {
    try (Member writer = member(Compression.NONE, Optional.of(SECRET))) {
      writer.store(1);
      byte[] object = objects.firstEntry().getValue();
      var text = new String(object, StandardCharsets.ISO_8859_1);
      assertFalse(text.contains("\1".repeat(50)), "the block is there in clear");
      object[object.length - 1] ^= 1;
      assertFalse(writer.load(1).moved(0));
    }
  }

  @Test
  void whoEncryptsTakesNothingThatIsNot() {
    var shape = ObjectShape.of(Rig.BLOCK_BYTES, new SealShape(1, 1), SECRET.number());
    long[] key = Member.key(1);
    try (Arena arena = Arena.ofConfined();
        Member reader = member(Compression.NONE, Optional.of(SECRET))) {
      MemorySegment object = arena.allocate(shape.plainBytes(1), 8);
      MemorySegment block = object.asSlice(shape.headerBytes(1));
      for (long i = 0; i < block.byteSize(); i++) {
        block.set(ValueLayout.JAVA_BYTE, i, (byte) (1 + i / 100));
      }
      var header = new ObjectHeader(object, shape);
      header.begin(1, Compression.NONE, false, 0);
      header.block(0, key[0], key[1], new Seals(new long[2], new int[] {1}, 1), 0);
      header.kept(0, block);
      header.end();
      String name = new ObjectNames("test/x", shape.fingerprint(), 2).of(key[0], key[1]);
      objects.put(name, object.toArray(ValueLayout.JAVA_BYTE));
      assertFalse(reader.load(1).moved(0));
      assertEquals(BatchResult.COMPLETE, reader.store(1));
      assertEquals(BatchResult.COMPLETE, reader.load(1));
    }
  }

  @Test
  void aRunWhoseNameIsTakenWaitsForNoMemoryThatItHas() {
    var bucket = new MemoryBucket(objects);
    Member one = member(Compression.LZ4, Optional.empty());
    var run = new Member(Rig.packed(Compression.LZ4, Optional.empty(), 16), bucket);
    assertEquals(BatchResult.COMPLETE, one.store(15));
    long[] names = LongStream.range(0, 16).toArray();
    assertEquals(BatchResult.COMPLETE, run.storeAt(0, names));
    assertEquals(BatchResult.COMPLETE, run.load(names));
    // A tier with a store that does not end cannot be closed.
    run.close();
    one.close();
  }

  @Test
  void whatIsEncryptedIsBoundToItsBlock() {
    byte[] nonce = SECRET.nonce();
    byte[] about = {1};
    var block = ByteBuffer.allocateDirect(100);
    var kept = ByteBuffer.allocateDirect(100 + Secret.TAG_BYTES);
    SECRET.encrypt(nonce, about, block, kept);
    var back = ByteBuffer.allocateDirect(100);
    assertTrue(SECRET.decrypt(nonce, about, kept.flip(), back));
    assertEquals(block.flip(), back.flip());
    assertFalse(SECRET.decrypt(nonce, new byte[] {2}, kept.rewind(), back.clear()));
    kept.put(5, (byte) (kept.get(5) ^ 1));
    assertFalse(SECRET.decrypt(nonce, about, kept.rewind(), back.clear()));
  }

  @Test
  void refusesWhatIsNoKey() {
    for (String digits : new String[] {"", "0f", "x".repeat(64), "0f".repeat(31)}) {
      var refused = assertThrows(SettingsException.class, () -> Secret.of(digits, "file: 3"));
      assertTrue(String.valueOf(refused.getMessage()).contains("64 hex"), refused::getMessage);
      assertTrue(
          digits.isEmpty() || !String.valueOf(refused.getMessage()).contains(digits),
          "the secret is told");
    }
  }
}
