package io.pagoda.core.peer;

import io.pagoda.ByteSize;

/**
 * What must be alike for two stores to share blocks.
 *
 * @param model whose KV cache it is
 * @param tokensPerBlock how many tokens a block has
 * @param blockBytes bytes of a block
 * @param checksums how many a block has
 * @param layout differs if the bytes do that each checksum covers
 */
public record PeerShape(
    String model, int tokensPerBlock, long blockBytes, int checksums, long layout) {
  /** No name of a model is longer, in bytes of UTF-8. */
  static final int LONGEST_MODEL = 1024;

  static PeerShape read(MessageReader in) {
    return new PeerShape(
        in.text(LONGEST_MODEL), in.count(Integer.MAX_VALUE), in.number(), in.count(1 << 16),
        in.number());
  }

  void write(MessageWriter out) {
    out.text(model, LONGEST_MODEL).count(tokensPerBlock).number(blockBytes);
    out.count(checksums).number(layout);
  }

  @Override
  public String toString() {
    return "model '%s', %d tokens a block, %s a block, %d checksums a block (layout %016x)"
        .formatted(model, tokensPerBlock, new ByteSize(blockBytes), checksums, layout);
  }
}
