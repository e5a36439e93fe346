package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Blocks on a GPU, and the ways to copy them.
 *
 * <p><b>Threads.</b> {@link #copy} from any thread.
 */
final class CudaRegion implements DeviceRegion {
  private final CudaDevice device;
  private final int blocks;
  private final List<List<Mapped>> views = new ArrayList<>();

  /**
   * A view that the kernel knows.
   *
   * @param view what a copy moves
   * @param pieces how many pieces that is
   * @param table the pieces, on the device
   */
  private record Mapped(View view, int pieces, DeviceMemory table) {}

  CudaRegion(CudaDevice device, List<List<Stripe>> views, int blocks) {
    this.device = device;
    this.blocks = blocks;
    try {
      for (List<Stripe> stripes : views) {
        List<Mapped> windows = new ArrayList<>();
        this.views.add(windows);
        View.windows(stripes, device.stageBytes()).forEach(view -> windows.add(mapped(view)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Mapped mapped(View view) {
    Pieces pieces = Pieces.of(view.stripes());
    long[] rows = pieces.table();
    long bytes = rows.length * (long) Long.BYTES;
    DeviceMemory table = device.allocate(Math.max(1, bytes));
    try {
      fill(table, rows, bytes);
      return new Mapped(view, pieces.list().size(), table);
    } catch (RuntimeException e) {
      table.close();
      throw e;
    }
  }

  private void fill(DeviceMemory table, long[] rows, long bytes) {
    try (var _ = device.context.enter()) {
      check(
          JCudaDriver
              .cuMemcpyHtoD(CudaMemory.at(table.segment().address()), Pointer.to(rows), bytes),
          "cuMemcpyHtoD of a table of %d bytes to %s", bytes, device.uuid());
    }
  }

  @Override
  public void copy(BlockBatch batch, int number, boolean toDevice, Completion completion) {
    List<Mapped> windows = views.get(number);
    for (int i = 0; i < batch.size(); i++) {
      Objects.checkIndex(batch.slot(i), blocks);
    }
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("View " + number + " has nothing to copy");
    }
    Road road = device.road(toDevice);
    road.stream().submit(stream -> {
      CopyPath path = CopyPath.AUTO;
      long bytes = 0;
      for (Mapped window : windows) {
        path = copy(batch, window, road, stream);
        bytes += window.view.bytes();
      }
      return new Load(path, toDevice, batch.size(), bytes * batch.size());
    }, completion);
  }

  private CopyPath copy(BlockBatch batch, Mapped mapped, Road road, StreamHandle stream) {
    View view = mapped.view;
    boolean in = road.toDevice();
    CopyPath path = CopyPath
        .of(view, device.pinned(batch, view), road.stageBlocks(view.span()), device.settings);
    switch (path) {
      case KERNEL, AUTO -> direct(batch, mapped, in, stream);
      case STAGED -> staged(batch, mapped, road, stream);
      case COPY_ENGINE -> device.copy(device.scattered(batch, view, in), stream);
      case PLAIN -> device.copyOneByOne(device.scattered(batch, view, in), stream);
    }
    return path;
  }

  private void direct(BlockBatch batch, Mapped mapped, boolean toDevice, StreamHandle stream) {
    long memory = batch.memory().address();
    for (int from = 0; from < batch.size(); from += Batches.BLOCKS) {
      int to = Math.min(batch.size(), from + Batches.BLOCKS);
      device.launch(
          arguments(mapped, toDevice, batch, from, to, i -> memory + batch.offset(i)), stream);
    }
  }

  private void staged(BlockBatch batch, Mapped mapped, Road road, StreamHandle stream) {
    View view = mapped.view;
    boolean in = road.toDevice();
    int step = road.stageBlocks(view.span());
    for (int start = 0; start < batch.size(); start += step) {
      int from = start;
      int to = Math.min(batch.size(), from + step);
      Staging.Step whole =
          (side, stage) -> device.copy(
              view.staged(
                  batch, from, to, stage, device.copies((to - from) * view.ranges().size(), in)),
              side);
      Staging.Step chunks = (side, stage) -> device.launch(
          arguments(
              mapped, in, batch, from, to, i -> stage + (i - from) * view.span() - view.start()),
          side);
      road.staging().pass(stream, in ? whole : chunks, in ? chunks : whole);
    }
  }

  private static Batches arguments(
      Mapped mapped, boolean toDevice, BlockBatch batch, int from, int to,
      IntToLongFunction block) {
    var arguments = new Batches(mapped.table.segment().address(), mapped.pieces, toDevice);
    for (int i = from; i < to; i++) {
      arguments.add(block.applyAsLong(i), batch.slot(i));
    }
    return arguments;
  }

  @Override
  public void close() {
    views.forEach(windows -> windows.forEach(mapped -> mapped.table.close()));
    views.clear();
  }
}
