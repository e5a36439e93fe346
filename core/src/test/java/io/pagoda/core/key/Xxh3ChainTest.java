package io.pagoda.core.key;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The same digests as the library's, at every length that blocks can have. */
class Xxh3ChainTest {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Test
  void digestsAreThoseOfTheLibrary() {
    var random = new SplittableRandom(17);
    for (int bytes = 1; bytes <= 4200; bytes += bytes < 1200 ? 1 : 61) {
      long high = random.nextLong();
      long low = random.nextLong();
      var chain = new Xxh3Chain(high, low, bytes, 3);
      byte[] staged = new byte[3 * bytes];
      random.nextBytes(staged);
      chain.blocks.copyFrom(MemorySegment.ofArray(staged));
      long[] digests = new long[8];
      chain.next(2, digests, 1);
      chain.blocks.copyFrom(MemorySegment.ofArray(staged).asSlice(2L * bytes));
      chain.next(1, digests, 5);
      for (int link = 0; link < 3; link++) {
        byte[] input = new byte[16 + bytes];
        System.arraycopy(staged, link * bytes, input, 16, bytes);
        MemorySegment.ofArray(input).set(LONG, 0, high);
        MemorySegment.ofArray(input).set(LONG, 8, low);
        var expected = Hashing.xxh3_128().hashBytesTo128Bits(input);
        high = expected.getMostSignificantBits();
        low = expected.getLeastSignificantBits();
        assertEquals(high, digests[2 * link + 1], "high half, " + bytes + " bytes");
        assertEquals(low, digests[2 * link + 2], "low half, " + bytes + " bytes");
      }
      assertEquals(0, digests[0] | digests[7], "what lies before and after, " + bytes + " bytes");
    }
  }
}
