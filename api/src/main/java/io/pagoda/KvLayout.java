package io.pagoda;

/**
 * The order in which an inference engine lays the chunks of its blocks out in memory. A chunk is
 * what one layer holds of one block's keys, or of its values: the bytes that always stay together.
 *
 * <p>Below the engine's own memory every tier keeps blocks {@link #BLOCK_FIRST}.
 */
public enum KvLayout {
  /** {@code [layer, kv, block, chunk]}: one region per layer and tensor. */
  LAYER_FIRST,
  /** {@code [block, layer, kv, chunk]}: one region per block. */
  BLOCK_FIRST,
  /** {@code [layer, block, kv, chunk]}: one region per layer, keys beside values. */
  LAYER_BLOCK
}
