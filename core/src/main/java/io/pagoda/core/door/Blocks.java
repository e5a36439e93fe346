package io.pagoda.core.door;

import io.pagoda.TokenMask;
import java.util.BitSet;

/**
 * The whole blocks that a request is about.
 *
 * @param tokens how many tokens the request has
 * @param tokensPerBlock how many make a block
 * @param first the first block
 * @param count how many blocks
 */
record Blocks(int tokens, int tokensPerBlock, int first, int count) {
  /** {@return the blocks that are in a mask from their first token to their last} */
  static Blocks within(TokenMask mask, int tokensPerBlock) {
    int first = Math.ceilDiv(mask.from(), tokensPerBlock);
    int count = Math.max(0, mask.to() / tokensPerBlock - first);
    return new Blocks(mask.size(), tokensPerBlock, first, count);
  }

  /** {@return the block after the last} */
  int end() {
    return first + count;
  }

  /** {@return the tokens of the first {@code blocks} of them} */
  TokenMask leading(int blocks) {
    return TokenMask.range(first * tokensPerBlock, (first + blocks) * tokensPerBlock, tokens);
  }

  /** {@return the tokens of those of the first {@code blocks} that are {@code chosen}} */
  TokenMask leading(int blocks, BitSet chosen) {
    int from = chosen.nextSetBit(0);
    if (from < 0 || from >= blocks) {
      return TokenMask.none(tokens);
    }
    int to = chosen.previousSetBit(blocks - 1) + 1;
    if (chosen.nextClearBit(from) >= to) {
      return TokenMask
          .range((first + from) * tokensPerBlock, (first + to) * tokensPerBlock, tokens);
    }
    boolean[] mask = new boolean[tokens];
    for (int token = (first + from) * tokensPerBlock; token < (first + to)
        * tokensPerBlock; token++) {
      mask[token] = chosen.get(token / tokensPerBlock - first);
    }
    return TokenMask.of(mask);
  }
}
