package io.pagoda;

import java.util.List;

/**
 * The geometry of a model's KV cache: what decides how large a token and a block are, and where
 * each rank's part of a block is.
 *
 * <p>A block is kept rank-major: first all that rank 0 holds of it, layer by layer, then rank 1.
 * Layers that every rank holds whole are kept once, in rank 0's part.
 *
 * @param name which model, with whatever distinguishes its weights
 * @param groups its layers, in order, at least one group
 * @param tokensPerBlock tokens of a block, a power of two
 * @param tensorParallel how many ranks share the heads of a layer, at least 1
 */
public record ModelSpec(
    String name, List<LayerGroup> groups, int tokensPerBlock, int tensorParallel) {
  /** Checks that groups, ranks and blocks go together. */
  public ModelSpec {
    groups = List.copyOf(groups);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("A model has at least one group of layers");
    }
    if (tokensPerBlock < 1 || Integer.bitCount(tokensPerBlock) != 1) {
      throw new IllegalArgumentException("tokensPerBlock is a power of two, not " + tokensPerBlock);
    }
    if (tensorParallel < 1) {
      throw new IllegalArgumentException("tensorParallel is at least 1, not " + tensorParallel);
    }
    for (LayerGroup group : groups) {
      check(group, tokensPerBlock, tensorParallel);
    }
  }

  private static void check(LayerGroup group, int tokensPerBlock, int tensorParallel) {
    if (tokensPerBlock % group.tokensPerEntry() != 0) {
      throw new IllegalArgumentException(
          "A block of %d tokens is not made of whole entries of %d tokens"
              .formatted(tokensPerBlock, group.tokensPerEntry()));
    }
    if (!group.shared() && group.kvHeads() % tensorParallel != 0) {
      throw new IllegalArgumentException(
          "%d KV heads cannot be shared by %d ranks".formatted(group.kvHeads(), tensorParallel));
    }
  }

  /** {@return how many layers there are in all} */
  public int layers() {
    return groups.stream().mapToInt(LayerGroup::layers).sum();
  }

  /** {@return bytes of one block, over all ranks} */
  public long blockBytes() {
    return groups.stream()
        .mapToLong(group -> group.chunkBytes(tokensPerBlock) * group.tensors() * group.layers())
        .sum();
  }

  /** {@return bytes of one token, over all ranks; the mean where layers compress} */
  public double bytesPerToken() {
    return (double) blockBytes() / tokensPerBlock;
  }

  /** {@return bytes of what a rank holds of one block, without what it shares with rank 0} */
  public long rankBytes(int rank) {
    return groups.stream().mapToLong(group -> rankBytes(group, rank)).sum();
  }

  /** {@return where a rank's part starts in a block, in bytes} */
  public long rankOffset(int rank) {
    long offset = 0;
    for (int before = 0; before < rank; before++) {
      offset += rankBytes(before);
    }
    return offset;
  }

  /**
   * Returns where a rank's part of a group of layers starts in a block, in bytes; where every rank
   * holds the group whole, that is the part of rank 0.
   *
   * @param rank which rank, from 0
   * @param group which group, from 0
   */
  public long groupOffset(int rank, int group) {
    int holder = groups.get(group).shared() ? 0 : rank;
    long offset = rankOffset(holder);
    for (LayerGroup before : groups.subList(0, group)) {
      offset += rankBytes(before, holder);
    }
    return offset;
  }

  /** {@return bytes of one tensor of one layer of {@code group} that one rank holds of a block} */
  public long chunkBytes(LayerGroup group) {
    long chunk = group.chunkBytes(tokensPerBlock);
    return group.shared() ? chunk : chunk / tensorParallel;
  }

  private long rankBytes(LayerGroup group, int rank) {
    if (group.shared() && rank != 0) {
      return 0;
    }
    return chunkBytes(group) * group.tensors() * group.layers();
  }
}
