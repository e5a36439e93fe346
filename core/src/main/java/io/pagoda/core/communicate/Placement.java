package io.pagoda.core.communicate;

import io.pagoda.PoolSpec;

/**
 * Where chunks are in memory that is one segment, one per layer, or one per layer and tensor.
 *
 * @param spec its shape
 * @param segments how many there are, as {@link io.pagoda.PoolPart} says
 */
record Placement(PoolSpec spec, int segments) {
  Placement {
    if (segments != 1 && segments != spec.layers() && segments != spec.chunksPerBlock()) {
      throw new IllegalArgumentException(segments + " segments do not go with " + spec);
    }
  }

  private boolean perTensor() {
    return segments == spec.chunksPerBlock();
  }

  private boolean perLayer() {
    return perTensor() || segments == spec.layers();
  }

  /** {@return which segment the chunks of a tensor are in} */
  int segment(int layer, int tensor) {
    return perTensor() ? tensor * spec.layers() + layer : perLayer() ? layer : 0;
  }

  /** {@return what of the shape one segment has} */
  private PoolSpec within() {
    return new PoolSpec(
        spec.layout(), perLayer() ? 1 : spec.layers(), perTensor() ? 1 : spec.tensors(),
        spec.blocks(), spec.chunkBytes());
  }

  /** {@return bytes of a segment} */
  long segmentBytes() {
    return within().bytes();
  }

  /** {@return where a chunk starts in its segment, in bytes} */
  long offset(int block, int layer, int tensor) {
    return within().offset(block, perLayer() ? 0 : layer, perTensor() ? 0 : tensor);
  }
}
