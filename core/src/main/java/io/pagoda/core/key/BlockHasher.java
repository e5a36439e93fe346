package io.pagoda.core.key;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/*
 * A key is a chain of XXH3-128 digests:
 *
 *   root    = H( algorithm, tokens per block, facts of the model, parts of the namespace )
 *   key[0]  = H( root,   tokens of block 0 )
 *   key[i]  = H( key[i-1], tokens of block i )
 *
 * The root's input is injective: every count and every string stands behind its length. A block's
 * input has a fixed length, 16 bytes and 4 per token, little-endian, so no two chains can be read
 * in two ways, and a namespace can never be mistaken for tokens.
 *
 * XXH3 is fast and well spread but not cryptographic: whoever may choose tokens freely and knows
 * the algorithm could look for collisions. Tenants that do not trust each other need a secret in
 * their namespace (a salt), as vLLM's cache_salt is.
 */
/**
 * Turns tokens into block keys.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public final class BlockHasher {
  private static final String ALGORITHM = "xxh3-128/1";

  /** How many tokens are read at a time: what they fill stays in the first-level cache. */
  private static final int STAGED_TOKENS = 512;

  private final ModelFingerprint model;
  private final int tokensPerBlock;

  private BlockHasher(ModelFingerprint model, int tokensPerBlock) {
    this.model = model;
    this.tokensPerBlock = tokensPerBlock;
  }

  /**
   * Returns a hasher.
   *
   * @param model what the blocks are for
   * @param tokensPerBlock how many tokens make a block, at least 1
   */
  public static BlockHasher of(ModelFingerprint model, int tokensPerBlock) {
    if (tokensPerBlock < 1) {
      throw new IllegalArgumentException("A block has at least 1 token, not " + tokensPerBlock);
    }
    return new BlockHasher(model, tokensPerBlock);
  }

  /** {@return how many tokens make a block} */
  public int tokensPerBlock() {
    return tokensPerBlock;
  }

  /**
   * What the keys of a namespace begin with: the digest of all that is not tokens.
   *
   * @param high the upper 64 bits
   * @param low the lower 64 bits
   */
  public record Root(long high, long low) {}

  /**
   * Returns the keys of the whole blocks that {@code tokens} fill; a rest shorter than a block has
   * no key.
   */
  public BlockKeys keys(Namespace namespace, int[] tokens) {
    return keys(namespace, Tokens.of(tokens));
  }

  /**
   * Returns the keys of the whole blocks that {@code tokens} fill, without copying the tokens.
   *
   * @param tokens 32-bit token ids in native byte order
   */
  public BlockKeys keys(Namespace namespace, MemorySegment tokens) {
    return keys(namespace, Tokens.ofInts(tokens));
  }

  /** Returns the keys of the whole blocks that {@code tokens} fill. */
  public BlockKeys keys(Namespace namespace, Tokens tokens) {
    return keys(root(namespace), tokens, tokens.size() / tokensPerBlock);
  }

  /**
   * Returns the keys of the first blocks of {@code tokens}. Allocates the keys, and nothing per
   * block.
   *
   * @param root of {@link #root}; it may be kept and used again
   * @param tokens at least so many as make the blocks
   * @param blocks how many blocks
   * @throws IllegalArgumentException if a token's id does not fit 32 bits
   */
  public BlockKeys keys(Root root, Tokens tokens, int blocks) {
    Objects.checkFromIndexSize(0, blocks, tokens.size() / tokensPerBlock);
    long[] words = new long[2 * blocks];
    int atOnce = Math.min(blocks, Math.max(1, STAGED_TOKENS / tokensPerBlock));
    var chain = new Xxh3Chain(root.high, root.low, 4 * tokensPerBlock, atOnce);
    for (int i = 0; i < blocks; i += atOnce) {
      int staged = Math.min(atOnce, blocks - i);
      tokens.copy(i * tokensPerBlock, staged * tokensPerBlock, chain.blocks, 0);
      chain.next(staged, words, 2 * i);
    }
    return BlockKeys.ofWords(words);
  }

  /** {@return what the keys of a namespace begin with} */
  public Root root(Namespace namespace) {
    HashValue128 digest = Hashing.xxh3_128().hashBytesTo128Bits(prelude(namespace));
    return new Root(digest.getMostSignificantBits(), digest.getLeastSignificantBits());
  }

  private byte[] prelude(Namespace namespace) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      write(out, List.of(ALGORITHM, Integer.toString(tokensPerBlock)));
      out.writeInt(model.facts().size());
      for (var fact : model.facts().entrySet()) {
        write(out, List.of(fact.getKey(), fact.getValue()));
      }
      write(out, namespace.parts());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a byte array does not fail
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, List<String> parts) throws IOException {
    out.writeInt(parts.size());
    for (String part : parts) {
      byte[] utf8 = utf8(part);
      out.writeInt(utf8.length);
      out.write(utf8);
    }
  }

  /** {@code getBytes} would replace what is malformed, and so make two texts one. */
  private static byte[] utf8(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (!text.equals(new String(utf8, StandardCharsets.UTF_8))) {
      throw new IllegalArgumentException(
          "A namespace or fact of a model is not text: it has half a surrogate pair: " + text);
    }
    return utf8;
  }
}
