package io.pagoda.core;

import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.core.pool.PoolMemory;

/** A pool that an engine knows. */
final class EnginePool implements Pool {
  private final Engine engine;
  final PoolMemory memory;

  /** Whether jobs may use it; belongs to the conductor. */
  boolean open = true;

  EnginePool(Engine engine, PoolMemory memory) {
    this.engine = engine;
    this.memory = memory;
  }

  @Override
  public PoolSpec spec() {
    return memory.spec();
  }

  @Override
  public void close() {
    engine.withdraw(this);
  }

  boolean of(Engine other) {
    return engine == other;
  }
}
