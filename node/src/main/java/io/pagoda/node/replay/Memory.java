package io.pagoda.node.replay;

import io.pagoda.BlockStore;
import io.pagoda.PoolSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Engine memory for jobs that run at the same time: a pool for each, used again when it is over.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class Memory implements AutoCloseable {
  private final BlockStore store;
  private final PoolSpec geometry;
  private final List<EnginePool> idle = new ArrayList<>();
  private final List<EnginePool> all = new ArrayList<>();

  Memory(BlockStore store, PoolSpec geometry) {
    this.store = store;
    this.geometry = geometry;
  }

  /** {@return a pool of at least so many blocks, which nobody else uses} */
  EnginePool lend(int blocks) {
    EnginePool pool = idle.stream()
        .filter(each -> each.blocks() >= blocks)
        .min(Comparator.comparingInt(EnginePool::blocks))
        .orElse(null);
    if (pool == null) {
      pool = EnginePool.register(store, geometry, blocks);
      all.add(pool);
    }
    idle.remove(pool);
    return pool;
  }

  void takeBack(EnginePool pool) {
    idle.add(pool);
  }

  @Override
  public void close() {
    all.forEach(EnginePool::close);
  }
}
