package io.pagoda.tier.gpu;

import io.pagoda.spi.device.DeviceMemory;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.JCudaDriver;

/*
 * A copy engine moves large pieces at the full speed of the bus, in both directions at once; a
 * kernel that reads and writes host memory itself does neither. So blocks are put together, or
 * taken apart, in device memory, a stage at a time:
 *
 *   out   side: kernel, chunks -> stage     main: engine, stage -> host
 *   in    side: engine, host -> stage       main: kernel, stage -> chunks
 *
 * While one stage is emptied the next is filled.
 */
/**
 * Device memory in which blocks are whole for a moment.
 *
 * <p><b>Threads.</b> Confined to whoever puts work into the main stream.
 */
final class Staging implements AutoCloseable {
  /** How many stages there are: the kernel's part takes a quarter of the time, so two do. */
  static final int STAGES = 2;

  private final Context context;
  private final DeviceMemory memory;
  private final long stageBytes;
  private final StreamHandle side;
  private final List<Stage> stages = new ArrayList<>();
  private int next;

  private record Stage(long address, Event filled, Event emptied) {}

  /** Puts work into a stream, to or from a stage. */
  interface Step {
    void into(StreamHandle stream, long stage);
  }

  /**
   * Allocates the stages.
   *
   * @param bytes of all together
   */
  Staging(CudaDevice device, long bytes) {
    this.context = device.context;
    this.stageBytes = bytes / STAGES;
    this.memory = device.allocate(bytes);
    try (var _ = context.enter()) {
      this.side = StreamHandle.create(context);
      for (int i = 0; i < STAGES; i++) {
        stages.add(
            new Stage(
                memory.segment().address() + i * stageBytes, Event.forStreams(context),
                Event.forStreams(context)));
      }
    }
  }

  /** {@return how many blocks of so many bytes go through a stage at a time, at most} */
  int blocks(long bytes) {
    return Batches.each(Math.toIntExact(Math.min(Batches.BLOCKS, stageBytes / bytes)));
  }

  /** Has one stage filled beside the main stream, and emptied by it. */
  void pass(StreamHandle main, Step fill, Step empty) {
    Stage stage = stages.get(next);
    next = (next + 1) % STAGES;
    stage.emptied.holdUp(side);
    fill.into(side, stage.address);
    stage.filled.record(side);
    stage.filled.holdUp(main);
    empty.into(main, stage.address);
    stage.emptied.record(main);
  }

  /** {@return the stream in which stages are filled} */
  StreamHandle side() {
    return side;
  }

  @Override
  public void close() {
    try (var _ = context.enter()) {
      context.quietly(JCudaDriver.cuStreamSynchronize(side), "cuStreamSynchronize");
      side.destroy(context);
      for (Stage stage : stages) {
        stage.filled.destroy();
        stage.emptied.destroy();
      }
    }
    memory.close();
  }
}
