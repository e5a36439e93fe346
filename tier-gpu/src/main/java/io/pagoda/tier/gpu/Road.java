package io.pagoda.tier.gpu;

import org.jspecify.annotations.Nullable;

/**
 * One direction of a device.
 *
 * @param toDevice which
 * @param stream where its copies are put
 * @param stages where blocks are put together, if there is such a place
 * @param many what launches of the kernel are told
 * @param few the same of few blocks
 * @param rows what copies of rows are told
 */
record Road(
    boolean toDevice, Stream stream, @Nullable Staging stages, Batches many, Batches few,
    Rows rows) implements AutoCloseable {
  /** {@return how many blocks of so many bytes a stage holds; 0 if none} */
  int stageBlocks(long bytes) {
    return stages == null || bytes == 0 ? 0 : stages.blocks(bytes);
  }

  Staging staging() {
    if (stages == null) {
      throw new IllegalStateException("The device has no stages");
    }
    return stages;
  }

  /** {@return what a launch for so many blocks is told} */
  Batches arguments(int blocks) {
    return blocks <= Batches.FEW ? few : many;
  }

  /** Has everything that is put in from here on wait until an event has come. */
  void holdUp(Event event) {
    stream.order(main -> {
      event.holdUp(main);
      if (stages != null) {
        event.holdUp(stages.side());
      }
    });
  }

  @Override
  public void close() {
    stream.close();
    if (stages != null) {
      stages.close();
    }
    many.close();
    few.close();
    rows.close();
  }
}
