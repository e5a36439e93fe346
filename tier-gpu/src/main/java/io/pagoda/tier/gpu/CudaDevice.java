package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.ByteSize;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * A GPU. Blocks go in through one stream and out through another, both at once.
 *
 * <p><b>Threads.</b> As {@link Device} says; two threads of its own wait for the streams.
 */
final class CudaDevice implements Device {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");
  private static final int HANDLE_BYTES = 64;
  private static final int THREADS = 1024;

  /** From which size on a call for each copy takes less of the processor than one for many. */
  private static final long WORTH_A_CALL = 256 << 10;

  private static final int LAZY_PEER_ACCESS = 1;

  final Context context;
  final CudaSettings settings;

  private final String uuid;
  private final String name;
  private final Arena arena = Arena.ofShared();
  private final DriverNative driver;
  private final CUmodule module = new CUmodule();
  private final CUfunction kernel = new CUfunction();
  private final Road in;
  private final Road out;
  private final List<Pinned> pinned = new CopyOnWriteArrayList<>();
  private boolean closed;

  private CudaDevice(Context context, CudaSettings settings, String name) {
    this.context = context;
    this.settings = settings;
    this.uuid = Cuda.uuid(context.device);
    this.name = name;
    this.driver = new DriverNative(arena);
    try (var _ = context.enter()) {
      check(JCudaDriver.cuModuleLoadData(module, ptx()), "cuModuleLoadData");
      check(JCudaDriver.cuModuleGetFunction(kernel, module, "pagoda_copy"), "cuModuleGetFunction");
    }
    this.in = opened(true);
    this.out = opened(false);
  }

  private Road opened(boolean toDevice) {
    var stream = new Stream(context, name + (toDevice ? "-in" : "-out"));
    long bytes = settings.staging();
    return new Road(toDevice, stream, bytes == 0 ? null : new Staging(this, bytes));
  }

  /** {@return how many bytes of a block may be put together at a time} */
  long stageBytes() {
    return settings.staging() == 0 ? Long.MAX_VALUE / 2 : settings.staging() / Staging.STAGES;
  }

  /** {@return the way in, or the way out} */
  Road road(boolean toDevice) {
    return toDevice ? in : out;
  }

  /** Puts a launch of the kernel into a stream. */
  void launch(Batches arguments, StreamHandle stream) {
    check(
        JCudaDriver.cuLaunchKernel(
            kernel, settings.transferCtas(), 1, 1, THREADS, 1, 1, 0, stream,
            Pointer.to(Pointer.to(arguments.memory())), null),
        "cuLaunchKernel for %d blocks", arguments.count());
  }

  /** Puts copies into a stream: small ones in one call, if the driver can. */
  void copy(Copies copies, StreamHandle stream) {
    if (copies.smallest() >= WORTH_A_CALL || !driver.present()) {
      copyOneByOne(copies, stream);
    } else {
      check(
          driver.copy(copies, stream.address()), "cuMemcpyBatchAsync of %d chunks", copies.count());
    }
  }

  /** Puts copies into a stream, each by a call. */
  void copyOneByOne(Copies copies, StreamHandle stream) {
    for (int i = 0; i < copies.count(); i++) {
      check(
          JCudaDriver.cuMemcpyAsync(
              CudaMemory.at(copies.to()[i]), CudaMemory.at(copies.from()[i]), copies.bytes[i],
              stream),
          "cuMemcpyAsync of %d bytes", copies.bytes[i]);
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
    Context context = new Context(device);
    try {
      var opened = new CudaDevice(context, settings, name);
      LOG.log(Level.INFO, "Opened {0}, {1}", Cuda.name(device), opened.uuid);
      return opened;
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
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
    return uuid;
  }

  @Override
  public void pin(MemorySegment hub) {
    pinned.add(new Pinned(context, hub, name + "-pinning"));
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
    var address = new Allocated();
    try (var _ = context.enter()) {
      check(
          JCudaDriver.cuMemAlloc(address, bytes), "cuMemAlloc of %s on %s", new ByteSize(bytes),
          uuid);
    }
    return new CudaMemory(context, address.value(), 0, bytes, false);
  }

  /** Lets an address be seen. */
  private static final class Allocated extends CUdeviceptr {
    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  @Override
  public DeviceMemory open(byte[] handle, long offset, long bytes) {
    if (handle.length != HANDLE_BYTES) {
      throw new IllegalArgumentException(
          "A memory handle has %d bytes, not %d; PyTorch puts others before it: take the last %d"
              .formatted(HANDLE_BYTES, handle.length, HANDLE_BYTES));
    }
    try (Arena local = Arena.ofConfined();
        var _ = context.enter()) {
      MemorySegment address = local.allocate(ValueLayout.JAVA_LONG);
      check(
          driver.open(address, Arrays.copyOf(handle, HANDLE_BYTES), LAZY_PEER_ACCESS),
          "cuIpcOpenMemHandle on %s (memory of a virtual-memory pool, such as PyTorch's with "
              + "expandable_segments, cannot be shared this way)",
          uuid);
      long base = address.get(ValueLayout.JAVA_LONG, 0);
      return new CudaMemory(context, base, offset, bytes, true);
    }
  }

  @Override
  public DeviceRegion map(List<List<Stripe>> views, int blocks) {
    return new CudaRegion(this, views, blocks);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    in.close();
    out.close();
    pinned.forEach(Pinned::close);
    try (var _ = context.enter()) {
      check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
    }
    arena.close();
    context.close();
  }

  @Override
  public String toString() {
    return name + " (" + uuid + ")";
  }
}
