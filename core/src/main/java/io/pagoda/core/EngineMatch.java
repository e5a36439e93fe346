package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.Match;
import io.pagoda.core.run.ExpiryQueue;
import org.jspecify.annotations.Nullable;

/** A prefix of the engine's blocks, pinned. Its state belongs to the conductor. */
final class EngineMatch implements Match {
  private final Engine engine;
  private final BlockKeys keys;
  private final int[] byTier;

  /** The entries of the blocks found. */
  final int[] entries;

  /** Whether the pins are still the match's. */
  boolean open = true;

  /** Its place among those whose pins expire. */
  ExpiryQueue.@Nullable Ticket<EngineMatch> ticket;

  EngineMatch(Engine engine, BlockKeys keys, int[] entries, int[] byTier) {
    this.engine = engine;
    this.keys = keys;
    this.entries = entries;
    this.byTier = byTier;
  }

  @Override
  public BlockKeys keys() {
    return keys;
  }

  @Override
  public int blocks() {
    return entries.length;
  }

  @Override
  public int blocksAt(String tier) {
    return byTier[engine.tierNumber(tier)];
  }

  @Override
  public void close() {
    engine.release(this);
  }

  /** Leaves the queue of those whose pins expire. */
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
