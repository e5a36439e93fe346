package io.pagoda.tier.gpu;

import io.pagoda.tier.gpu.Batches.Form;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a device.
 *
 * @param toDevice which
 * @param stream where its copies are put
 * @param stages where blocks are put together, if there is such a place
 * @param scattered what launches are told of blocks anywhere
 * @param spaced the same of blocks at equal distances
 * @param few the same of few of those
 * @param rows what copies of rows are told
 */
record Road(
    boolean toDevice, Stream stream, @Nullable Staging stages, Batches scattered, Batches spaced,
    Batches few, Rows rows) implements AutoCloseable {
  /** {@return one direction, with arguments of its own} */
  static Road of(boolean toDevice, Stream stream, @Nullable Staging stages) {
    return new Road(
        toDevice, stream, stages, new Batches(Form.SCATTERED), new Batches(Form.SPACED),
        new Batches(Form.FEW), new Rows());
  }

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

  /** {@return what a launch for so many blocks is told, wherever they are} */
  Batches anywhere(int blocks) {
    return blocks == 1 ? few : scattered;
  }

  /** {@return what a launch for so many blocks at equal distances is told} */
  Batches inStage(int blocks) {
    return blocks <= Batches.FEW ? few : spaced;
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
    scattered.close();
    spaced.close();
    few.close();
    rows.close();
  }
}
