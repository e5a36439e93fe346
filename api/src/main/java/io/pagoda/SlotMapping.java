package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Where tokens are in a pool, as the inference engine counts: a slot for each token, or a block for
 * each block of tokens. Slots count tokens: slot {@code s} is place {@code s % tokensPerBlock} of
 * pool block {@code s / tokensPerBlock}.
 *
 * <p>A mapping belongs to a range of tokens, which the method that takes it names. Its first entry
 * is for the first token of the range, or for the block which that token is in. It has an entry for
 * each token, or block, that the range touches; those of a last block that is not whole may be left
 * out. More entries than that are refused: nobody could tell which are meant.
 *
 * <p><b>Memory.</b> The numbers belong to the caller. A method that takes a mapping reads them
 * before it returns and never afterwards.
 */
public final class SlotMapping {
  private final Ids ids;
  private final boolean byBlock;

  private SlotMapping(Ids ids, boolean byBlock) {
    this.ids = ids;
    this.byBlock = byBlock;
  }

  /** {@return a slot for each token} */
  public static SlotMapping ofTokens(int... slots) {
    return new SlotMapping(Ids.of(slots), false);
  }

  /** {@return a slot for each token} */
  public static SlotMapping ofTokens(long... slots) {
    return new SlotMapping(Ids.of(slots), false);
  }

  /** {@return a slot for each token, in 32-bit numbers in native byte order} */
  public static SlotMapping ofTokenInts(MemorySegment slots) {
    return new SlotMapping(new Ids(slots, false), false);
  }

  /** {@return a slot for each token, in 64-bit numbers in native byte order} */
  public static SlotMapping ofTokenLongs(MemorySegment slots) {
    return new SlotMapping(new Ids(slots, true), false);
  }

  /** {@return a pool block for each block of tokens} */
  public static SlotMapping ofBlocks(int... blocks) {
    return new SlotMapping(Ids.of(blocks), true);
  }

  /** {@return a pool block for each block of tokens} */
  public static SlotMapping ofBlocks(long... blocks) {
    return new SlotMapping(Ids.of(blocks), true);
  }

  /** {@return the part of the mapping from one entry up to another, sharing its memory} */
  public SlotMapping range(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    return new SlotMapping(ids.range(from, to), byBlock);
  }

  /** {@return how many entries there are} */
  public int size() {
    return ids.size();
  }

  /**
   * Returns the pool block of each whole block within a range of tokens.
   *
   * @param tokens the range that the mapping belongs to, from its first token to its last
   * @param tokensPerBlock how many tokens make a block
   * @param poolBlocks how many blocks the pool has
   * @throws IllegalArgumentException if the mapping is too short or too long for the range, the
   *     tokens of a block are not in consecutive slots that start a pool block, or a number is not
   *     in the pool; it names the token
   */
  public int[] toBlocks(TokenMask tokens, int tokensPerBlock, int poolBlocks) {
    int first = Math.ceilDiv(tokens.from(), tokensPerBlock);
    int count = Math.max(0, tokens.to() / tokensPerBlock - first);
    int[] blocks = new int[count];
    if (count == 0) {
      return blocks;
    }
    checkSize(tokens, tokensPerBlock);
    if (byBlock) {
      takeBlocks(blocks, first, first - tokens.from() / tokensPerBlock, tokensPerBlock, poolBlocks);
    } else {
      takeSlots(blocks, tokens.from(), first * tokensPerBlock, tokensPerBlock, poolBlocks);
    }
    return blocks;
  }

  private void checkSize(TokenMask tokens, int tokensPerBlock) {
    int per = byBlock ? tokensPerBlock : 1;
    int start = tokens.from() / per;
    int least = tokens.to() / tokensPerBlock * tokensPerBlock / per - start;
    int most = Math.ceilDiv(tokens.to(), per) - start;
    String what = byBlock ? "blocks" : "slots";
    if (ids.size() < least) {
      throw new IllegalArgumentException(
          "The mapping has %d %s and tokens %d to %d need %d: token %d has none".formatted(
              ids.size(), what, tokens.from(), tokens.to() - 1, least,
              Math.max(tokens.from(), (start + ids.size()) * per)));
    }
    if (ids.size() > most) {
      throw new IllegalArgumentException(
          ("The mapping has %d %s and tokens %d to %d have %d: hand over those of these tokens "
              + "only").formatted(ids.size(), what, tokens.from(), tokens.to() - 1, most));
    }
  }

  private void takeBlocks(int[] blocks, int first, int at, int tokensPerBlock, int poolBlocks) {
    for (int i = 0; i < blocks.length; i++) {
      long block = ids.get(at + i);
      if (block < 0 || block >= poolBlocks) {
        throw new IllegalArgumentException(
            "The block of token %d is said to be %d, and the pool has blocks 0 to %d"
                .formatted((first + i) * tokensPerBlock, block, poolBlocks - 1));
      }
      blocks[i] = (int) block;
    }
  }

  private void takeSlots(int[] blocks, int base, int token, int tokensPerBlock, int poolBlocks) {
    for (int i = 0; i < blocks.length; i++) {
      int at = token + i * tokensPerBlock;
      long slot = ids.get(at - base);
      long block = slot / tokensPerBlock;
      if (slot < 0 || block >= poolBlocks || slot != block * tokensPerBlock) {
        throw refusedStart(at, slot, tokensPerBlock, poolBlocks);
      }
      int gap = ids.gap(at - base, tokensPerBlock);
      if (gap != tokensPerBlock) {
        throw new IllegalArgumentException(
            "Token %d is in slot %d and should be in %d: a block's slots are consecutive"
                .formatted(at + gap, ids.get(at - base + gap), slot + gap));
      }
      blocks[i] = (int) block;
    }
  }

  private static IllegalArgumentException refusedStart(
      int token, long slot, int tokensPerBlock, int poolBlocks) {
    return new IllegalArgumentException(
        slot < 0 || slot / tokensPerBlock >= poolBlocks
            ? "Token %d is said to be in slot %d, and the pool has slots 0 to %d"
                .formatted(token, slot, (long) poolBlocks * tokensPerBlock - 1)
            : ("Token %d starts a block and is in slot %d, which does not: blocks of %d tokens "
                + "start at multiples of %d")
                .formatted(token, slot, tokensPerBlock, tokensPerBlock));
  }

  @Override
  public String toString() {
    return size() + (byBlock ? " blocks" : " slots");
  }
}
