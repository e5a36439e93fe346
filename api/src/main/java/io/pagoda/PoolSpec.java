package io.pagoda;

/**
 * The shape of an inference engine's KV memory.
 *
 * @param layout the order of its chunks
 * @param layers how many layers a block spans, at least 1
 * @param tensors how many tensors a layer has: 2 for keys and values, 1 where they share one
 * @param blocks how many blocks the memory holds, at least 1
 * @param chunkBytes bytes of one block in one tensor of one layer, at least 1
 */
public record PoolSpec(KvLayout layout, int layers, int tensors, int blocks, long chunkBytes) {
  /** Checks the shape. */
  public PoolSpec {
    if (layers < 1 || blocks < 1 || chunkBytes < 1) {
      throw new IllegalArgumentException(
          "A pool has at least 1 layer, 1 block and 1 byte per chunk: layers=%d blocks=%d chunk=%d"
              .formatted(layers, blocks, chunkBytes));
    }
    if (tensors != 1 && tensors != 2) {
      throw new IllegalArgumentException("A layer has 1 or 2 tensors, not " + tensors);
    }
    Math.multiplyExact(Math.multiplyExact(chunkBytes, (long) layers * tensors), blocks);
  }

  /** {@return how many chunks make a block} */
  public int chunksPerBlock() {
    return layers * tensors;
  }

  /** {@return bytes of one block over all layers and tensors} */
  public long blockBytes() {
    return chunkBytes * chunksPerBlock();
  }

  /** {@return bytes of the whole pool} */
  public long bytes() {
    return blockBytes() * blocks;
  }

  /**
   * Returns where a chunk starts in the pool, in bytes.
   *
   * @param block which block, from 0
   * @param layer which layer, from 0
   * @param tensor which tensor of the layer, from 0
   */
  public long offset(int block, int layer, int tensor) {
    return block * blockStride() + layer * layerStride() + tensor * tensorStride();
  }

  /** {@return bytes from one block to the next, within one layer and tensor} */
  public long blockStride() {
    return switch (layout) {
      case LAYER_FIRST -> chunkBytes;
      case BLOCK_FIRST -> blockBytes();
      case LAYER_BLOCK -> tensors * chunkBytes;
    };
  }

  /** {@return bytes from one layer to the next, within one block and tensor} */
  public long layerStride() {
    return switch (layout) {
      case LAYER_FIRST, LAYER_BLOCK -> (long) tensors * blocks * chunkBytes;
      case BLOCK_FIRST -> tensors * chunkBytes;
    };
  }

  /** {@return bytes from the keys to the values of one block in one layer} */
  public long tensorStride() {
    return switch (layout) {
      case LAYER_FIRST -> blocks * chunkBytes;
      case BLOCK_FIRST, LAYER_BLOCK -> chunkBytes;
    };
  }
}
