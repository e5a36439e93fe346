package io.pagoda.core.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.Namespace;
import io.pagoda.Tokens;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockHasherTest {
  private static final int[] TOKENS = IntStream.range(0, 64).toArray();

  private final ModelFingerprint model = ModelFingerprint.of("a-model", 1 << 17);
  private final BlockHasher hasher = BlockHasher.of(model, 16);

  @Test
  void onlyWholeBlocksHaveKeys() {
    assertEquals(0, hasher.keys(Namespace.SHARED, new int[15]).size());
    assertEquals(1, hasher.keys(Namespace.SHARED, new int[31]).size());
    assertEquals(4, hasher.keys(Namespace.SHARED, TOKENS).size());
  }

  @Test
  void equalPrefixesHaveEqualKeysAndOthersDoNot() {
    int[] other = TOKENS.clone();
    other[40]++;
    BlockKeys keys = hasher.keys(Namespace.SHARED, TOKENS);
    BlockKeys forked = hasher.keys(Namespace.SHARED, other);
    assertEquals(keys.prefix(2), forked.prefix(2));
    assertNotEquals(keys.key(2), forked.key(2));
    assertNotEquals(keys.key(3), forked.key(3), "a block's key covers every token before it");
  }

  @Test
  void equalBlocksAtDifferentDepthsDiffer() {
    BlockKeys keys = hasher.keys(Namespace.SHARED, new int[64]);
    Set<BlockKey> distinct = new HashSet<>();
    for (int i = 0; i < keys.size(); i++) {
      distinct.add(keys.key(i));
    }
    assertEquals(4, distinct.size());
  }

  /** The faults that FlexKV's joined and widened namespaces have. */
  @Test
  void namespacesCannotBeMistakenForEachOtherNorForTokens() {
    Set<BlockKey> roots = new HashSet<>();
    for (Namespace namespace : new Namespace[] {Namespace.SHARED, Namespace.of(""),
      Namespace.of("", ""), Namespace.of("a", "b"), Namespace.of("b", "a"), Namespace.of("a\0b"),
      Namespace.of("ab"), Namespace.of("a", "b", ""),}) {
      roots.add(hasher.keys(namespace, TOKENS).key(0));
    }
    assertEquals(8, roots.size());

    byte[] letters = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    int[] spelled = IntStream.range(0, 80).map(i -> i < 16 ? letters[i] : TOKENS[i - 16]).toArray();
    BlockKeys named = hasher.keys(Namespace.of("0123456789abcdef"), TOKENS);
    BlockKeys plain = hasher.keys(Namespace.SHARED, spelled);
    for (int i = 0; i < named.size(); i++) {
      assertNotEquals(named.key(i), plain.key(i + 1));
    }
  }

  @Test
  void modelsAndBlockSizesDoNotShareKeys() {
    BlockKey here = hasher.keys(Namespace.SHARED, TOKENS).key(0);
    var otherModel = BlockHasher.of(ModelFingerprint.of("b-model", 1 << 17), 16);
    var otherBytes = BlockHasher.of(ModelFingerprint.of("a-model", 1 << 16), 16);
    var otherType = BlockHasher.of(model.with("dtype", "fp8"), 16);
    var otherTokens = BlockHasher.of(model, 8);
    for (var other : new BlockHasher[] {otherModel, otherBytes, otherType, otherTokens}) {
      assertNotEquals(here, other.keys(Namespace.SHARED, TOKENS).key(0));
    }
  }

  @Test
  void readsTokensWhereTheyAre() {
    try (Arena arena = Arena.ofConfined()) {
      var segment = arena.allocateFrom(ValueLayout.JAVA_INT, TOKENS);
      assertEquals(hasher.keys(Namespace.SHARED, TOKENS), hasher.keys(Namespace.SHARED, segment));
    }
  }

  @Test
  void theWidthOfAnIdIsNoPartOfIt() {
    for (int tokensPerBlock : new int[] {1, 3, 16, 28, 29, 64}) {
      var any = BlockHasher.of(model, tokensPerBlock);
      int[] ints = IntStream.range(0, 200).map(i -> i * 0x9E3779B1).toArray();
      long[] longs = IntStream.of(ints).mapToLong(Integer::toUnsignedLong).toArray();
      BlockKeys keys = any.keys(Namespace.SHARED, ints);
      assertEquals(keys, any.keys(Namespace.SHARED, Tokens.of(longs)));
      int half = keys.size() / 2;
      assertEquals(
          keys.prefix(half), any.keys(any.root(Namespace.SHARED), Tokens.of(longs), half),
          "a part of the sequence");
    }
  }

  /** The format of keys is for ever: they name blocks on disks and in buckets. */
  @Test
  void keysDoNotChangeFromReleaseToRelease() {
    BlockKeys keys = hasher.keys(Namespace.of("tenant", "adapter"), TOKENS);
    assertEquals("2a3384156a36dd79535ef7b9fcddd04e", keys.key(0).toString());
    assertEquals("e97d338078a96fc6ad6575bdde304e39", keys.key(3).toString());
  }

  @Test
  void refusesBlocksWithoutTokensAndNamesThatWouldBeReplaced() {
    assertThrows(IllegalArgumentException.class, () -> BlockHasher.of(model, 0));
    var halfACharacter = Namespace.of("\uD800");
    assertThrows(IllegalArgumentException.class, () -> hasher.keys(halfACharacter, TOKENS));
  }

  private static ModelSpec model(int tokens, int ranks, LayerGroup... groups) {
    return new ModelSpec("m", List.of(groups), tokens, ranks);
  }

  @Test
  void everyFactOfAModelMakesOtherKeys() {
    var group = LayerGroup.separate(4, 8, 64, ElementType.BF16);
    var same = ModelFingerprint.of(model(16, 1, group));
    assertEquals(same, ModelFingerprint.of(model(16, 1, group)));
    var others = List.of(
        ModelFingerprint.of(new ModelSpec("n", List.of(group), 16, 1)),
        ModelFingerprint.of(model(32, 1, group)), ModelFingerprint.of(model(16, 2, group)),
        ModelFingerprint.of(model(16, 1, LayerGroup.separate(5, 8, 64, ElementType.BF16))),
        ModelFingerprint.of(model(16, 1, LayerGroup.separate(4, 4, 64, ElementType.BF16))),
        ModelFingerprint.of(model(16, 1, LayerGroup.separate(4, 8, 32, ElementType.BF16))),
        ModelFingerprint.of(model(16, 1, LayerGroup.separate(4, 8, 64, ElementType.FP16))),
        ModelFingerprint.of(model(16, 1, LayerGroup.separate(4, 1, 64, ElementType.BF16))),
        ModelFingerprint.of(model(16, 1, LayerGroup.shared(4, 64, ElementType.BF16))),
        ModelFingerprint.of(model(16, 1, new LayerGroup(4, 8, 64, false, ElementType.BF16, 2))),
        ModelFingerprint.of(
            model(
                16, 1, LayerGroup.separate(1, 8, 64, ElementType.BF16),
                LayerGroup.separate(3, 8, 64, ElementType.BF16))),
        same.with("layout", Integer.toString(ModelFingerprint.LAYOUT + 1)),
        ModelFingerprint.of("m", model(16, 1, group).blockBytes()));
    var keys = new HashSet<BlockKey>();
    keys.add(firstKey(same));
    others.forEach(other -> assertTrue(keys.add(firstKey(other)), other::toString));
  }

  /** The same block length for all, so that only the fingerprint tells them apart. */
  private static BlockKey firstKey(ModelFingerprint model) {
    return BlockHasher.of(model, 16).keys(Namespace.SHARED, new int[16]).key(0);
  }
}
