package io.pagoda.core.door;

import static io.pagoda.core.door.Rig.mask;
import static io.pagoda.core.door.Rig.settled;
import static io.pagoda.core.door.Rig.slots;
import static io.pagoda.core.door.Rig.tokens;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvCache;
import io.pagoda.KvLaunch;
import io.pagoda.KvMatch;
import io.pagoda.KvRequest;
import io.pagoda.Namespace;
import io.pagoda.SlotMapping;
import io.pagoda.TokenMask;
import io.pagoda.Tokens;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What callers get wrong: each mistake is refused by its name, and changes nothing. */
class HostileInputTest {
  private static void refused(String hint, Executable call) {
    var refused = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refused.toString().contains(hint), refused.toString());
  }

  private static int[] blocks(SlotMapping slots, TokenMask mask) {
    return slots.toBlocks(mask, 4, 8);
  }

  @Test
  void slotsOfABlockStartItAndAreConsecutive() {
    TokenMask eight = TokenMask.all(8);
    assertArrayEquals(
        new int[] {5, 1}, blocks(SlotMapping.ofTokens(20, 21, 22, 23, 4, 5, 6, 7), eight));
    refused(
        "Token 4 starts a block and is in slot 5",
        () -> blocks(SlotMapping.ofTokens(20, 21, 22, 23, 5, 6, 7, 8), eight));
    refused(
        "Token 6 is in slot 16 and should be in 6",
        () -> blocks(SlotMapping.ofTokens(20L, 21, 22, 23, 4, 5, 16, 7), eight));
    refused(
        "Token 7 is in slot -1",
        () -> blocks(SlotMapping.ofTokens(20, 21, 22, 23, 4, 5, 6, -1), eight));
  }

  @Test
  void slotsAreInThePool() {
    TokenMask four = TokenMask.all(4);
    refused(
        "Token 0 is said to be in slot 32, and the pool has slots 0 to 31",
        () -> blocks(SlotMapping.ofTokens(32, 33, 34, 35), four));
    refused(
        "slot 4294967296",
        () -> blocks(SlotMapping.ofTokens(1L << 32, (1L << 32) + 1, 2, 3), four));
    refused(
        "slot 9223372036854775804",
        () -> blocks(SlotMapping.ofTokens(Long.MAX_VALUE - 3, 1, 2, 3), four));
    refused("slot -4", () -> blocks(SlotMapping.ofTokens(-4, -3, -2, -1), four));
    refused("the pool has blocks 0 to 7", () -> blocks(SlotMapping.ofBlocks(8), four));
    refused("said to be -1", () -> blocks(SlotMapping.ofBlocks(-1), four));
    refused("said to be 4294967297", () -> blocks(SlotMapping.ofBlocks((1L << 32) + 1), four));
  }

  @Test
  void mappingsAreAsLongAsTheirTokens() {
    TokenMask ten = TokenMask.all(10);
    assertArrayEquals(new int[] {0, 1}, blocks(slots(0, 8), ten), "the rest may be left out");
    assertArrayEquals(new int[] {0, 1}, blocks(slots(0, 10), ten));
    refused("token 7 has none", () -> blocks(slots(0, 7), ten));
    refused("token 0 has none", () -> blocks(slots(0, 0), ten));
    refused("have 10", () -> blocks(slots(0, 11), ten));
    assertArrayEquals(new int[] {3, 2}, blocks(SlotMapping.ofBlocks(3, 2), ten));
    assertArrayEquals(new int[] {3, 2}, blocks(SlotMapping.ofBlocks(3, 2, 1), ten));
    refused("token 4 has none", () -> blocks(SlotMapping.ofBlocks(3), ten));
    refused("have 3", () -> blocks(SlotMapping.ofBlocks(3, 2, 1, 0), ten));
  }

  /** The first entry is that of the first token in the mask, whole block or not. */
  @Test
  void aMaskThatStartsInABlockStartsWithTheNext() {
    TokenMask fromFive = mask(5, 12, 13);
    SlotMapping six = SlotMapping.ofTokens(1, 2, 3, 12, 13, 14, 15);
    assertArrayEquals(new int[] {3}, blocks(six, fromFive));
    assertArrayEquals(new int[] {3}, blocks(SlotMapping.ofBlocks(0, 3), fromFive));
    refused("need 7: token 9 has none", () -> blocks(slots(0, 4), fromFive));
    assertEquals(0, blocks(slots(0, 99), mask(5, 7, 13)).length, "no whole block, no slot");
  }

  @Test
  void masksAreOfTheirTokensAndAreNotChanged() {
    var request = KvRequest.of(tokens(1, 10));
    refused("The mask is of 11 tokens and there are 10", () -> request.masked(new boolean[11]));
    refused("The mask is of 9 tokens", () -> request.masked(TokenMask.all(9)));
    refused("The mask is of 0 tokens", () -> request.masked());
    boolean[] mask = new boolean[10];
    Arrays.fill(mask, true);
    boolean[] before = mask.clone();
    try (Rig rig = new Rig(8)) {
      settled(rig.cache.put(request.masked(mask), rig.pool, slots(0, 10)));
      assertArrayEquals(before, mask, "FlexKV sets what is beyond the last whole block to false");
    }
  }

  @Test
  void tokensAreUnsignedNumbersOf32Bits() {
    try (Rig rig = new Rig(8)) {
      long[] ids = {0, 4_294_967_295L, 7, 8, 9, -1, 11, 12};
      refused("Token 5 has the id -1", () -> rig.cache.match(KvRequest.of(Tokens.of(ids))));
      ids[5] = 1L << 32;
      refused("Token 5 has the id 4294967296", () -> rig.cache.match(KvRequest.of(Tokens.of(ids))));
      ids[5] = 10;
      settled(rig.cache.put(KvRequest.of(Tokens.of(ids)), rig.pool, slots(0, 8)));
      var ints = KvRequest.of(0, -1, 7, 8, 9, 10, 11, 12);
      assertEquals(8, rig.cache.match(ints).tokens().count(), "equal ids, other widths");
      ids[1] = -1;
      refused("Token 1", () -> rig.cache.match(KvRequest.of(Tokens.of(ids))));
    }
  }

  @Test
  void tokensAreReadWhereTheyAre() {
    int[] ids = tokens(3, 12);
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    try (Rig rig = new Rig(8);
        Arena arena = Arena.ofConfined()) {
      rig.putting(ids, 0, mask(0, 12, 12));
      ByteBuffer bytes = ByteBuffer.allocateDirect(60).order(ByteOrder.nativeOrder());
      IntBuffer buffer = bytes.asIntBuffer();
      buffer.put(2, ids);
      List<Tokens> forms = List.of(
          Tokens.of(ids), Tokens.of(wide), Tokens.of(buffer.position(2).limit(14)),
          Tokens.ofInts(arena.allocateFrom(ValueLayout.JAVA_INT, ids)),
          Tokens.ofLongs(arena.allocateFrom(ValueLayout.JAVA_LONG, wide)),
          Tokens.ofLongs(MemorySegment.ofArray(wide)),
          Tokens.of(new long[] {5, ids[0], ids[1], ids[2], ids[3], 5}).range(1, 5));
      for (Tokens form : forms) {
        assertEquals(
            form.size(), rig.cache.match(KvRequest.of(form)).tokens().count(), form.toString());
      }
      refused("not at most", () -> Tokens.ofLongs(arena.allocate(12)));
      var foreign = ByteBuffer.allocate(8)
          .order(
              ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                  ? ByteOrder.LITTLE_ENDIAN
                  : ByteOrder.BIG_ENDIAN)
          .asIntBuffer();
      refused("order its bytes", () -> Tokens.of(foreign));
    }
  }

  @Test
  void nothingAtAllIsNothingFound() {
    try (Rig rig = new Rig(8)) {
      var nothing = KvRequest.of(new int[0]);
      assertEquals(TokenMask.none(0), settled(rig.get(new int[0], 0)).tokens());
      assertEquals(TokenMask.none(0), settled(rig.put(new int[0], 0)).tokens());
      assertEquals(TokenMask.none(0), settled(rig.cache.prefetch(nothing)).tokens());
      assertEquals(0, rig.cache.explainMiss(nothing).held().count());
      assertEquals(List.of(), rig.cache.launch(rig.pool, List.of()));
      assertEquals(List.of(), rig.cache.status());
      Rig.await(rig.cache.cancel(1, 2, -3));
    }
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullsAreRefusedAtOnce() {
    try (Rig rig = new Rig(8)) {
      List<String> parts = new ArrayList<>();
      parts.add(null);
      assertThrows(NullPointerException.class, () -> new Namespace(parts));
      assertThrows(NullPointerException.class, () -> KvRequest.of(1).in(null));
      assertThrows(NullPointerException.class, () -> KvRequest.of((Tokens) null));
      assertThrows(NullPointerException.class, () -> rig.cache.match(null));
      List<KvLaunch> launches = new ArrayList<>();
      launches.add(new KvLaunch(rig.cache.match(KvRequest.of(1, 2, 3, 4)), slots(0, 0)));
      launches.add(null);
      assertThrows(NullPointerException.class, () -> rig.cache.launch(rig.pool, launches));
      rig.cache.launch(rig.pool, launches.subList(0, 1));
    }
  }

  @Test
  void aBatchThatIsRefusedCanBeLaunchedAgain() {
    try (Rig rig = new Rig(16)) {
      rig.putting(tokens(1, 8), 0, mask(0, 8, 8));
      rig.putting(tokens(2, 8), 2, mask(0, 8, 8));
      KvMatch one = rig.cache.match(KvRequest.of(tokens(1, 8)));
      KvMatch two = rig.cache.match(KvRequest.of(tokens(2, 8)));
      refused(
          "named twice", () -> rig.cache.launch(
              rig.pool, List.of(new KvLaunch(one, slots(8, 8)), new KvLaunch(two, slots(9, 8)))));
      refused(
          "Token 0", () -> rig.cache.launch(
              rig.pool, List.of(new KvLaunch(one, slots(8, 8)), new KvLaunch(two, slots(99, 8)))));
      assertThrows(
          IllegalStateException.class, () -> rig.cache.launch(
              rig.pool, List.of(new KvLaunch(one, slots(8, 8)), new KvLaunch(one, slots(9, 8)))));
      var both = List.of(new KvLaunch(one, slots(8, 8)), new KvLaunch(two, slots(10, 8)));
      rig.cache.launch(rig.pool, both)
          .forEach(task -> assertEquals(8, settled(task).tokens().count()));
      assertThrows(IllegalStateException.class, () -> rig.cache.launch(rig.pool, both));
    }
  }

  @Test
  void plansAndPoolsOfOthersAreRefused() {
    try (Rig rig = new Rig(8);
        Rig other = new Rig(8)) {
      rig.putting(tokens(1, 8), 0, mask(0, 8, 8));
      KvMatch match = rig.cache.match(KvRequest.of(tokens(1, 8)));
      refused("not of this cache", () -> other.cache.launch(match, other.pool, slots(0, 8)));
      refused("not of this store", () -> rig.cache.launch(match, other.pool, slots(0, 8)));
      refused(
          "not of this store",
          () -> rig.cache.fetch(KvRequest.of(tokens(1, 8)), other.pool, slots(0, 8)));
      assertEquals(8, settled(rig.cache.launch(match, rig.pool, slots(8, 8))).tokens().count());
      rig.putting(tokens(2, 32), 0, mask(0, 32, 32));
    }
  }

  @Test
  void aClosedCacheSaysSo() {
    try (Rig rig = new Rig(8)) {
      KvCache cache = rig.doors.open(Rig.MODEL);
      KvMatch match = cache.match(KvRequest.of(tokens(1, 8)));
      cache.close();
      cache.close();
      assertThrows(IllegalStateException.class, () -> cache.match(KvRequest.of(1)));
      assertThrows(IllegalStateException.class, () -> cache.launch(match, rig.pool, slots(0, 8)));
      assertEquals(8, rig.put(tokens(1, 8), 0).tokens().count(), "the store is open");
    }
  }
}
