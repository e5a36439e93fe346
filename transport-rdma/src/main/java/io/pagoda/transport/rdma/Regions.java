package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.MemoryPlace;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Memory that is registered, each stretch once. Safe for use by many threads. */
final class Regions {
  private final Registrar device;
  private final GpuWay gpus;
  private final long chunk;
  private final int further;
  private final Map<Stretch, Shared> registered = new HashMap<>();
  private final Set<RdmaRegion> open = ConcurrentHashMap.newKeySet();

  private boolean closed;

  private record Stretch(long address, long bytes, MemoryPlace place) {}

  private static final class Shared {
    private final Registration registration;
    private int count = 1;

    Shared(Registration registration) {
      this.registration = registration;
    }
  }

  Regions(Registrar device, GpuWay gpus, RdmaSettings settings) {
    this.device = device;
    this.gpus = gpus;
    chunk = settings.chunkBytes();
    further = settings.wire().relaxed() ? Abi.RELAXED_ORDERING : 0;
  }

  RdmaRegion register(MemorySegment memory, MemoryPlace place) {
    if (place instanceof MemoryPlace.OfDevice && gpus instanceof GpuWay.None none) {
      throw new PagodaException(
          Fault.PERMANENT,
          "This RDMA transport moves host memory, and not that of %s: copy it to host memory, as %s"
              .formatted(place, none.why()));
    }
    if (!memory.isNative() || memory.byteSize() == 0 || memory.isReadOnly()) {
      throw new IllegalArgumentException(
          "Memory to register is native, writable and not empty: " + memory);
    }
    if (!memory.isAccessibleBy(Thread.ofPlatform().unstarted(() -> {}))) {
      throw new IllegalArgumentException(
          "Memory to register is usable by every thread; this is confined to one: " + memory);
    }
    Stretch stretch = new Stretch(memory.address(), memory.byteSize(), place);
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("The transport was closed");
      }
      Shared shared = registered.get(stretch);
      if (shared == null) {
        shared = new Shared(register(place, memory.address(), memory.byteSize(), Abi.LOCAL_WRITE));
        registered.put(stretch, shared);
      } else {
        shared.count++;
      }
      RdmaRegion region =
          new RdmaRegion(this, memory, place, shared.registration, () -> release(stretch));
      open.add(region);
      return region;
    }
  }

  /** Registers memory beside what is counted, for a grant. */
  Registration register(MemoryPlace place, long address, long bytes, int access) {
    boolean gpu = place instanceof MemoryPlace.OfDevice;
    return Registration.of(device, gpu, address, bytes, chunk, access | further);
  }

  /** {@return by which way devices reach memory of GPUs} */
  GpuWay gpus() {
    return gpus;
  }

  long chunk() {
    return chunk;
  }

  /** A region was closed. */
  void closed(RdmaRegion region) {
    open.remove(region);
  }

  /** Closes all, and lets none be registered. */
  void closeAll() {
    synchronized (this) {
      closed = true;
    }
    List.copyOf(open).forEach(RdmaRegion::close);
  }

  private synchronized void release(Stretch stretch) {
    Shared shared = registered.get(stretch);
    if (shared != null && --shared.count == 0) {
      registered.remove(stretch);
      shared.registration.close();
    }
  }

  synchronized int size() {
    return registered.size();
  }
}
