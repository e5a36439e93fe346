package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.tier.gpu.Calibration.Way;
import io.pagoda.tier.gpu.View.Grid;
import io.pagoda.tier.gpu.View.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jcuda.driver.JCudaDriver;

/**
 * Blocks on a GPU, and the ways to copy them.
 *
 * <p><b>Threads.</b> {@link #copy} from any thread.
 */
final class CudaRegion implements DeviceRegion {
  /**
   * Bytes after which it is chosen again, where that matters. What begins is often met at once by a
   * copy the other way, so that comes after a millisecond; later, when a thread would only be woken
   * for it, after three.
   */
  private static final long FIRST_BYTES = 64 << 20;

  private static final long LATER_BYTES = 160 << 20;

  /** Bytes of a chunk from which on a copy call for each is no loss between devices. */
  private static final long LARGE_CHUNK = 512 << 10;

  private static final long STAGE_OF_TWO = 48 << 20;

  private final CudaDevice device;
  private final int blocks;
  private final CopyPath path;
  private final List<List<Mapped>> views = new ArrayList<>();

  /**
   * A view that the kernel knows.
   *
   * @param view what a copy moves
   * @param shape what that looks like
   * @param bytes of a block that it moves
   * @param grids its stripes in as few grids as there can be
   * @param pieces how many pieces that is
   * @param table the pieces, on the device
   * @param choice how it is best copied
   */
  private record Mapped(
      View view, Shape shape, long bytes, List<Grid> grids, int pieces, DeviceMemory table,
      Choice choice) {}

  /**
   * Maps blocks.
   *
   * @param path how they are copied once host memory is pinned
   */
  CudaRegion(CudaDevice device, List<List<Stripe>> views, int blocks, CopyPath path) {
    this.device = device;
    this.blocks = blocks;
    this.path = path;
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
      List<Grid> grids = view.grids(device::allocation);
      Shape shape = view.shape(grids);
      return new Mapped(
          view, shape, view.bytes(), grids, pieces.list().size(), table,
          device.calibration().choice(shape, device.road(true).stageBlocks(view.span()) > 0));
    } catch (RuntimeException e) {
      table.close();
      throw e;
    }
  }

  /** Fills a table, and waits: the roads' streams would not. */
  private void fill(DeviceMemory table, long[] rows, long bytes) {
    if (rows.length == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined();
        var _ = device.context.enter()) {
      MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_LONG, rows);
      StreamHandle stream = StreamHandle.create(device.context);
      try {
        check(
            CallsNative.copy(table.segment().address(), image.address(), bytes, stream.address()),
            "cuMemcpyAsync of a table of %d bytes to %s", bytes, device.uuid());
        check(
            JCudaDriver.cuStreamSynchronize(stream), "Copying a table of %d bytes to %s", bytes,
            device.uuid());
      } finally {
        stream.destroy(device.context);
      }
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
    List<Stream.Work> parts = new ArrayList<>();
    List<BlockBatch> cut = parts(batch, number, toDevice);
    for (BlockBatch part : cut) {
      parts.add(stream -> into(stream, part, number, toDevice, cut.size() > 1));
    }
    device.road(toDevice).stream().submit(parts, completion);
  }

  /** Cuts a batch whose way to copy depends on what goes the other way meanwhile. */
  private List<BlockBatch> parts(BlockBatch batch, int number, boolean toDevice) {
    boolean depends = path == CopyPath.AUTO
        && views.get(number).stream().anyMatch(mapped -> mapped.choice.depends(toDevice));
    return depends
        ? Order.cut(batch, blocks(FIRST_BYTES, batch), blocks(LATER_BYTES, batch))
        : List.of(batch);
  }

  private static int blocks(long bytes, BlockBatch batch) {
    return Math.toIntExact(Math.clamp(bytes / batch.rangeBytes(), 1, Integer.MAX_VALUE));
  }

  /** Puts a batch's copies into a stream, within a device's context; returns what it was. */
  Load into(StreamHandle stream, BlockBatch batch, int number, boolean toDevice) {
    return into(stream, batch, number, toDevice, false);
  }

  private Load into(
      StreamHandle stream, BlockBatch batch, int number, boolean toDevice, boolean part) {
    Road road = device.road(toDevice);
    Order order = Order.byAddress(batch);
    CopyPath taken = CopyPath.AUTO;
    long bytes = 0;
    for (Mapped window : views.get(number)) {
      taken = copy(order, window, road, stream, part);
      bytes += window.bytes;
    }
    return new Load(taken, toDevice, batch.size(), bytes * batch.size());
  }

  private CopyPath copy(Order order, Mapped mapped, Road road, StreamHandle stream, boolean part) {
    View view = mapped.view;
    boolean in = road.toDevice();
    CopyPath taken = path(order, mapped, road.stageBlocks(view.span()), in);
    switch (taken) {
      case KERNEL, AUTO -> direct(order, mapped, road, stream);
      case STAGED -> staged(order, mapped, road, stream, steps(order, view, road, part));
      case COPY_ENGINE -> device.scattered(order, view, in, copies -> device.copy(copies, stream));
      case GRID -> gridded(order, mapped, road, stream);
      case PLAIN ->
        device.scattered(order, view, in, copies -> device.copyOneByOne(copies, stream));
    }
    return taken;
  }

  private CopyPath path(Order order, Mapped mapped, int stageBlocks, boolean in) {
    if (path == CopyPath.PLAIN || !device.pinned(order, mapped.view)) {
      return between(order, mapped);
    }
    if (path == CopyPath.AUTO) {
      return mapped.choice.of(Way.of(in, device.road(!in).stream().busy()));
    }
    return path == CopyPath.STAGED && stageBlocks == 0 ? CopyPath.KERNEL : path;
  }

  /** Nothing between devices is staged: a kernel takes small chunks, a copy engine large ones. */
  private CopyPath between(Order order, Mapped mapped) {
    if (path == CopyPath.PLAIN || !device.reached(order, mapped.view)) {
      return CopyPath.PLAIN;
    }
    return path == CopyPath.COPY_ENGINE || mapped.shape.chunk() >= LARGE_CHUNK
        ? CopyPath.COPY_ENGINE
        : CopyPath.KERNEL;
  }

  private void direct(Order order, Mapped mapped, Road road, StreamHandle stream) {
    for (int from = 0; from < order.size(); from += Batches.BLOCKS) {
      int to = Math.min(order.size(), from + Batches.BLOCKS);
      Batches arguments = begun(mapped, road, road.anywhere(to - from));
      for (int i = from; i < to; i++) {
        arguments.add(order.address(i), order.slot(i));
      }
      device.launch(arguments, stream);
    }
  }

  private static Batches begun(Mapped mapped, Road road, Batches arguments) {
    arguments.begin(mapped.table.segment().address(), mapped.pieces, road.toDevice());
    return arguments;
  }

  private void gridded(Order order, Mapped mapped, Road road, StreamHandle stream) {
    for (int i = 0; i < order.size(); i++) {
      for (Grid grid : mapped.grids) {
        device.copy(
            grid, grid.address() + grid.stride() * order.slot(i), order.address(i) + grid.offset(),
            road, stream);
      }
    }
  }

  private List<Integer> steps(Order order, View view, Road road, boolean part) {
    int most = road.stageBlocks(view.span());
    return part || device.settings.transferCtas() == 1
        ? Steps.even(order.size(), view.span(), most)
        : Steps.of(order.size(), view.span(), Math.min(most, atOnce(view)));
  }

  /** A kernel of two thread blocks is not much quicker than the bus: large stages delay it. */
  private int atOnce(View view) {
    return device.settings.transferCtas() > 2
        ? Integer.MAX_VALUE
        : Math.toIntExact(Math.max(1, STAGE_OF_TWO / view.span()));
  }

  private void staged(
      Order order, Mapped mapped, Road road, StreamHandle stream, List<Integer> steps) {
    int start = 0;
    for (int step : steps) {
      pass(order, start, start + step, mapped, road, stream);
      start += step;
    }
  }

  private void pass(Order order, int from, int to, Mapped mapped, Road road, StreamHandle stream) {
    View view = mapped.view;
    boolean in = road.toDevice();
    Staging.Step whole = (side, stage) -> device.copy(
        view.staged(order, from, to, stage, device.copies((to - from) * view.ranges().size(), in)),
        side);
    Staging.Step chunks = (side, stage) -> {
      Batches arguments = begun(mapped, road, road.inStage(to - from));
      for (int i = from; i < to; i++) {
        arguments.add(stage + (i - from) * view.span() - view.start(), order.slot(i));
      }
      device.launch(arguments, side);
    };
    road.staging().pass(stream, in ? whole : chunks, in ? chunks : whole);
  }

  @Override
  public void close() {
    views.forEach(windows -> windows.forEach(mapped -> mapped.table.close()));
    views.clear();
  }
}
