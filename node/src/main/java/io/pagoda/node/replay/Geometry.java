package io.pagoda.node.replay;

import io.pagoda.ByteSize;
import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;

/** Shapes of engine memory for blocks of a given size. */
public final class Geometry {
  private static final int[][] LAYERS_AND_TENSORS = {{4, 2}, {2, 2}, {1, 2}, {1, 1}};

  private Geometry() {}

  /**
   * Returns a layer-first shape of one block: 4 layers with keys and values where the size can be
   * cut so, fewer where not.
   */
  public static PoolSpec layerFirst(ByteSize block) {
    for (int[] shape : LAYERS_AND_TENSORS) {
      int chunks = shape[0] * shape[1];
      if (block.bytes() % chunks == 0) {
        return new PoolSpec(KvLayout.LAYER_FIRST, shape[0], shape[1], 1, block.bytes() / chunks);
      }
    }
    throw new IllegalArgumentException("Every size is a multiple of 1: " + block);
  }
}
