package io.pagoda.core.trace;

import io.pagoda.BlockKeys;
import io.pagoda.Match;

/**
 * A match with its number in the trace.
 *
 * @param inner the store's
 * @param number its number
 * @param writer who writes the trace
 */
record TracedMatch(Match inner, long number, TraceWriter writer) implements Match {
  @Override
  public BlockKeys keys() {
    return inner.keys();
  }

  @Override
  public int blocks() {
    return inner.blocks();
  }

  @Override
  public int blocksAt(String tier) {
    return inner.blocksAt(tier);
  }

  @Override
  public void close() {
    inner.close();
    writer.add(new TraceLine.Closed(number, writer.micros()));
  }
}
