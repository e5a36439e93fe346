package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.Draft;
import io.pagoda.core.plan.Copies;
import io.pagoda.core.run.ExpiryQueue;
import io.pagoda.core.run.Taken;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A planned put. Its state belongs to the conductor. */
final class EngineDraft implements Draft {
  private final Engine engine;
  private final BlockKeys keys;

  /** What was taken for it. */
  final Taken taken;

  /** Whether what was taken is still the draft's. */
  boolean open = true;

  /** Its place among those that expire. */
  ExpiryQueue.@Nullable Ticket<EngineDraft> ticket;

  EngineDraft(Engine engine, BlockKeys keys, Taken taken) {
    this.engine = engine;
    this.keys = keys;
    this.taken = taken;
  }

  @Override
  public BlockKeys keys() {
    return keys;
  }

  @Override
  public int blocks() {
    return taken.size();
  }

  @Override
  public boolean lacks(int block) {
    return taken.gathered()[Objects.checkIndex(block, blocks())] != Copies.IN_HUB;
  }

  @Override
  public void close() {
    engine.release(this);
  }

  /** Leaves the queue of those that expire. */
  void leave() {
    if (ticket != null) {
      ticket.leave();
      ticket = null;
    }
  }

  boolean of(Engine other) {
    return engine == other;
  }
}
