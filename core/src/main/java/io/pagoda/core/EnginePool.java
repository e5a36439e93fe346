package io.pagoda.core;

import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.core.pool.PoolMemory;
import java.util.List;

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
  public List<PoolPart> parts() {
    return memory.parts();
  }

  @Override
  public int blocks() {
    return memory.blocks();
  }

  @Override
  public void close() {
    engine.withdraw(this);
  }

  boolean of(Engine other) {
    return engine == other;
  }
}
