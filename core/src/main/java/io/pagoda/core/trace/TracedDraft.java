package io.pagoda.core.trace;

import io.pagoda.BlockKeys;
import io.pagoda.Draft;

/**
 * A draft with its number in the trace.
 *
 * @param inner the store's
 * @param number its number
 * @param writer who writes the trace
 */
record TracedDraft(Draft inner, long number, TraceWriter writer) implements Draft {
  @Override
  public BlockKeys keys() {
    return inner.keys();
  }

  @Override
  public int blocks() {
    return inner.blocks();
  }

  @Override
  public boolean lacks(int block) {
    return inner.lacks(block);
  }

  @Override
  public void close() {
    inner.close();
    writer.add(new TraceLine.Closed(number, writer.micros()));
  }
}
