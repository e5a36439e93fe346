package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.ByteSize;
import io.pagoda.DeviceEvent;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.DeviceSignal;
import io.pagoda.spi.device.FileRoute;
import io.pagoda.spi.device.Flow;
import io.pagoda.spi.device.PeerRoute;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.tier.gpu.Batches.Form;
import io.pagoda.tier.gpu.View.Grid;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A GPU. Blocks go in through one stream and out through another, both at once.
 *
 * <p><b>Threads.</b> As {@link Device} says; two threads of its own wait for the streams.
 */
final class CudaDevice implements Device {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");
  private static final int THREADS = 1024;

  /** How many copies are put into a stream together: the first run while the next are listed. */
  private static final int TOGETHER = 512;

  private static final int LAZY_PEER_ACCESS = 1;

  final Context context;
  final CudaSettings settings;

  private final String name;
  private final Arena arena = Arena.ofShared();
  private final DriverNative driver;
  private final Optional<NvtxNative> nvtx;
  private final CUmodule module = new CUmodule();
  private final Map<Form, Kernel> kernels = new EnumMap<>(Form.class);
  private final Road in;
  private final Road out;
  private final List<Pinned> pinned = new CopyOnWriteArrayList<>();
  private final Set<CudaMemory> memory = ConcurrentHashMap.newKeySet();
  private final Set<CudaFile> files = ConcurrentHashMap.newKeySet();
  private final Peers peers;
  private Calibration calibration = Calibration.USUAL;
  private boolean closed;

  private CudaDevice(Context context, CudaSettings settings, String name) {
    this.context = context;
    this.settings = settings;
    this.name = name;
    this.driver = new DriverNative(arena);
    this.peers = new Peers(context);
    this.nvtx = settings.nvtx() ? NvtxNative.find(Arena.global()) : Optional.empty();
    try (var _ = context.enter()) {
      check(JCudaDriver.cuModuleLoadData(module, ptx()), "cuModuleLoadData on %s", context.uuid);
      for (Form form : Form.values()) {
        var kernel = new Kernel();
        check(JCudaDriver.cuModuleGetFunction(kernel, module, form.kernel), "cuModuleGetFunction");
        kernels.put(form, kernel);
      }
    }
    this.in = opened(true);
    try {
      this.out = opened(false);
    } catch (RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private Road opened(boolean toDevice) {
    var ranges = new Ranges(nvtx, toDevice, arena);
    var stream = new Stream(context, toDevice, ranges, name + (toDevice ? "-in" : "-out"));
    long bytes = settings.staging();
    try {
      Staging stages = bytes == 0 ? null : new Staging(this, bytes);
      if (stages != null) {
        stream.beside(stages.side());
      }
      return Road.of(toDevice, stream, stages);
    } catch (RuntimeException e) {
      stream.close();
      memory.forEach(CudaMemory::close);
      throw e;
    }
  }

  /** {@return how many bytes of a block may be put together at a time} */
  long stageBytes() {
    return settings.staging() == 0 ? Long.MAX_VALUE / 2 : settings.staging() / Staging.STAGES;
  }

  /** {@return the way in, or the way out} */
  Road road(boolean toDevice) {
    return toDevice ? in : out;
  }

  /** Puts a launch of the kernel into a stream that takes such an argument. */
  void launch(Batches arguments, StreamHandle stream) {
    Kernel kernel = Objects.requireNonNull(kernels.get(arguments.form()));
    check(
        CallsNative.launch(
            kernel.address(), settings.transferCtas(), THREADS, stream.address(), arguments.list()),
        "cuLaunchKernel for %d blocks on %s", arguments.count(), context.uuid);
  }

  /** Puts copies into a stream: several in one call, if the driver can. */
  void copy(Copies copies, StreamHandle stream) {
    if (copies.count() == 1 || !driver.present()) {
      copyOneByOne(copies, stream);
    } else {
      check(
          driver.copy(copies, stream.address()), "cuMemcpyBatchAsync of %d chunks on %s",
          copies.count(), context.uuid);
    }
  }

  /** Puts the copy of a block's rows into a stream; over the end of a piece, one for each row. */
  void copy(Grid grid, long at, long host, Road road, StreamHandle stream) {
    if (host + grid.size() <= pieceEnd(host)) {
      check(
          CallsNative.copyRows(road.rows().of(grid, at, host, road.toDevice()), stream.address()),
          "cuMemcpy2DAsync of %d rows of %d bytes on %s", grid.rows(), grid.bytes(), context.uuid);
      return;
    }
    Copies copies = copies(grid.rows() + 1, road.toDevice());
    for (int row = 0; row < grid.rows(); row++) {
      copies.add(at + row * grid.pitch(), host + row * grid.bytes(), grid.bytes());
    }
    copy(copies, stream);
  }

  /** Copies blocks without the kernel, which would need a table. */
  void copy(BlockBatch batch, View view, boolean toDevice, Completion completion) {
    road(toDevice).stream().submit(stream -> {
      Order order = Order.byAddress(batch);
      CopyPath path = pinned(order, view) ? CopyPath.COPY_ENGINE : CopyPath.PLAIN;
      scattered(order, view, toDevice, copies -> {
        if (path == CopyPath.PLAIN) {
          copyOneByOne(copies, stream);
        } else {
          copy(copies, stream);
        }
      });
      return new Load(path, toDevice, batch.size(), view.bytes() * batch.size());
    }, completion);
  }

  /** Tells copies of every chunk by itself, some at a time. */
  void scattered(Order order, View view, boolean toDevice, Consumer<Copies> taker) {
    int step = Math.max(1, TOGETHER / view.stripes().size());
    for (int from = 0; from < order.size(); from += step) {
      int to = Math.min(order.size(), from + step);
      taker.accept(
          view.scattered(order, from, to, copies((to - from) * view.stripes().size(), toDevice)));
    }
  }

  /** {@return place for copies} */
  Copies copies(int atMost, boolean toDevice) {
    return new Copies(atMost, toDevice, this::pieceEnd);
  }

  /** Puts copies into a stream, each by a call. */
  void copyOneByOne(Copies copies, StreamHandle stream) {
    for (int i = 0; i < copies.count(); i++) {
      check(
          CallsNative.copy(copies.to()[i], copies.from()[i], copies.bytes[i], stream.address()),
          "cuMemcpyAsync of %d bytes on %s", copies.bytes[i], context.uuid);
    }
  }

  static CudaDevice open(CudaSettings settings, String name) {
    var device = Cuda.device(settings.uuid());
    if (!Cuda.sharesAddresses(device)) {
      throw new PagodaException(
          Fault.PERMANENT,
          Cuda.name(device) + " sees pinned memory at other addresses than the host; such devices "
              + "are not supported");
    }
    CudaDevice opened = open(new Context(device), settings, name);
    LOG.log(Level.INFO, "Opened {0}, {1}", Cuda.name(device), opened.uuid());
    try {
      if (settings.calibrate() && settings.path() == CopyPath.AUTO) {
        opened.calibration = Calibrations.of(opened);
      }
      return opened;
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private static CudaDevice open(Context context, CudaSettings settings, String name) {
    try {
      return new CudaDevice(context, settings, name);
    } catch (RuntimeException | Error e) {
      context.close();
      throw e;
    }
  }

  /** {@return how fast its ways to copy are} */
  Calibration calibration() {
    return calibration;
  }

  private static String ptx() {
    try (InputStream in = CudaDevice.class.getResourceAsStream("copy.ptx")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String uuid() {
    return context.uuid;
  }

  @Override
  public List<Flow> flows() {
    List<Flow> flows = new ArrayList<>(in.stream().flows().list());
    flows.addAll(out.stream().flows().list());
    return flows;
  }

  @Override
  public CompletionStage<Long> pin(MemorySegment hub) {
    return pinned(hub).done();
  }

  /** {@return memory that is pinned, or will be} */
  synchronized Pinned pinned(MemorySegment memory) {
    for (Pinned known : pinned) {
      if (known.of(memory)) {
        return known;
      }
    }
    var added = new Pinned(context, memory, name + "-pinning");
    pinned.add(added);
    return added;
  }

  /** Lets memory go that nothing copies any more. */
  void unpin(Pinned memory) {
    pinned.remove(memory);
    memory.close();
  }

  /** {@return whether a range of host addresses is pinned by now} */
  boolean pinned(long address, long bytes) {
    for (Pinned memory : pinned) {
      if (memory.covers(address, bytes)) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether all that a batch touches is pinned; nothing but plain copies works before} */
  boolean pinned(Order order, View view) {
    if (order.ascending() && order.size() > 0) {
      long first = order.address(0);
      long bytes = order.address(order.size() - 1) - first + view.span();
      if (pinned(first + view.start(), bytes)) {
        return true;
      }
    }
    for (int i = 0; i < order.size(); i++) {
      if (!pinned(order.address(i) + view.start(), view.span())) {
        return false;
      }
    }
    return true;
  }

  /** {@return where what was allocated together with an address begins; itself if nobody knows} */
  long allocation(long address) {
    var base = new Allocated();
    try (var _ = context.enter()) {
      int result = JCudaDriver.cuMemGetAddressRange(base, new long[1], CudaMemory.at(address));
      return result == CUresult.CUDA_SUCCESS ? base.value() : address;
    }
  }

  /** {@return whether all that a batch touches is memory of devices that this one reaches} */
  boolean reached(Order order, View view) {
    for (int i = 0; i < order.size(); i++) {
      if (!peers.covers(order.address(i) + view.start(), view.span())) {
        return false;
      }
    }
    return true;
  }

  /** {@return the end of what was pinned together with a host address; the highest if nothing} */
  long pieceEnd(long address) {
    for (Pinned memory : pinned) {
      long end = memory.pieceEnd(address);
      if (end != 0) {
        return end;
      }
    }
    return Long.MAX_VALUE;
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    context.checkWorks();
    var address = new Allocated();
    try (var _ = context.enter()) {
      check(
          JCudaDriver.cuMemAlloc(address, bytes), "cuMemAlloc of %s on %s, which has %s free,",
          new ByteSize(bytes), context.uuid, free());
    }
    return owned(new CudaMemory(context, address.value(), 0, bytes, false));
  }

  private static ByteSize free() {
    long[] free = new long[1];
    int result = JCudaDriver.cuMemGetInfo(free, new long[1]);
    return new ByteSize(result == CUresult.CUDA_SUCCESS ? free[0] : 0);
  }

  private CudaMemory owned(CudaMemory taken) {
    memory.removeIf(CudaMemory::closed);
    memory.add(taken);
    return taken;
  }

  /** Lets its address be seen. */
  private static final class Kernel extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  /** Lets an address be seen. */
  private static final class Allocated extends CUdeviceptr {
    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  @Override
  public DeviceMemory open(byte[] handle, long offset, long bytes) {
    byte[] bare = MemoryHandle.bare(handle);
    var size = new ByteSize(bytes);
    context.checkWorks();
    try (Arena local = Arena.ofConfined();
        var _ = context.enter()) {
      MemorySegment address = local.allocate(ValueLayout.JAVA_LONG);
      check(
          driver.open(address, bare, LAZY_PEER_ACCESS),
          "cuIpcOpenMemHandle of %s on %s (memory of a virtual-memory pool, such as PyTorch's with "
              + "expandable_segments, cannot be shared this way)",
          size, context.uuid);
      long base = address.get(ValueLayout.JAVA_LONG, 0);
      return opened(base, offset, bytes);
    }
  }

  private DeviceMemory opened(long base, long offset, long bytes) {
    try {
      CudaMemory.checkWithin(offset, bytes, room(base));
      return owned(new CudaMemory(context, base, offset, bytes, true));
    } catch (RuntimeException e) {
      new CudaMemory(context, base, 0, 0, true).close();
      throw e;
    }
  }

  /** {@return how many bytes there are from an address to the end of its allocation} */
  private long room(long address) {
    var base = new Allocated();
    long[] bytes = new long[1];
    check(
        JCudaDriver.cuMemGetAddressRange(base, bytes, CudaMemory.at(address)),
        "cuMemGetAddressRange of another process's memory on %s", context.uuid);
    return base.value() + bytes[0] - address;
  }

  @Override
  public DeviceRegion map(List<List<Stripe>> views, int blocks) {
    context.checkWorks();
    return new CudaRegion(this, views, blocks, settings.path());
  }

  @Override
  public DeviceSignal signal(DeviceEvent event) {
    context.checkWorks();
    return new CudaSignal(this, driver, event);
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return ability == PeerRoute.class
        ? Optional.of(ability.cast(peers))
        : ability == FileRoute.class
            ? Optional.of(ability.cast(new CudaFiles(this)))
            : Device.super.ability(ability);
  }

  /** {@return a file that is closed with the device, if not before} */
  CudaFile owned(CudaFile opened) {
    files.removeIf(CudaFile::closed);
    files.add(opened);
    return opened;
  }

  @Override
  public void close() {
    in.stream().checkNotWaitedFor();
    out.stream().checkNotWaitedFor();
    closeOnce();
  }

  private synchronized void closeOnce() {
    if (closed) {
      return;
    }
    closed = true;
    files.forEach(CudaFile::close);
    in.close();
    out.close();
    pinned.forEach(Pinned::close);
    memory.forEach(CudaMemory::close);
    try (var _ = context.enter()) {
      context.quietly(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
    }
    arena.close();
    peers.close();
    context.close();
  }

  @Override
  public String toString() {
    return name + " (" + context.uuid + ")";
  }
}
