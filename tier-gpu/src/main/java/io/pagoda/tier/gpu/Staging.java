package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
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

  private record Stage(long address, CUevent filled, CUevent emptied) {}

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
      this.side = StreamHandle.create();
      for (int i = 0; i < STAGES; i++) {
        stages.add(new Stage(memory.segment().address() + i * stageBytes, event(), event()));
      }
    }
  }

  private static CUevent event() {
    var event = new CUevent();
    check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    return event;
  }

  /** {@return how many blocks of so many bytes a stage holds} */
  int blocks(long bytes) {
    return Math.toIntExact(Math.min(Batches.BLOCKS, stageBytes / bytes));
  }

  /** Has one stage filled beside the main stream, and emptied by it. */
  void pass(StreamHandle main, Step fill, Step empty) {
    Stage stage = stages.get(next);
    next = (next + 1) % STAGES;
    check(JCudaDriver.cuStreamWaitEvent(side, stage.emptied, 0), "cuStreamWaitEvent");
    fill.into(side, stage.address);
    check(JCudaDriver.cuEventRecord(stage.filled, side), "cuEventRecord");
    check(JCudaDriver.cuStreamWaitEvent(main, stage.filled, 0), "cuStreamWaitEvent");
    empty.into(main, stage.address);
    check(JCudaDriver.cuEventRecord(stage.emptied, main), "cuEventRecord");
  }

  @Override
  public void close() {
    try (var _ = context.enter()) {
      check(JCudaDriver.cuStreamSynchronize(side), "cuStreamSynchronize");
      side.destroy();
      for (Stage stage : stages) {
        check(JCudaDriver.cuEventDestroy(stage.filled), "cuEventDestroy");
        check(JCudaDriver.cuEventDestroy(stage.emptied), "cuEventDestroy");
      }
    }
    memory.close();
  }
}
