package io.pagoda.node;

import io.pagoda.BlockStore;
import io.pagoda.ByteSize;

/**
 * A store with what its configuration says of its blocks.
 *
 * @param store the store
 * @param block the size of a block
 * @param tokensPerBlock how many tokens it is for
 * @param closing closes the store and what it stands on
 */
record OpenStore(BlockStore store, ByteSize block, int tokensPerBlock, Runnable closing)
    implements
      AutoCloseable {
  @Override
  public void close() {
    closing.run();
  }
}
