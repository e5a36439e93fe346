package io.pagoda.transport.tcp;

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
  private final Map<Stretch, Integer> registered = new HashMap<>();
  private final Set<TcpRegion> open = ConcurrentHashMap.newKeySet();

  private boolean closed;

  private record Stretch(long address, long bytes) {}

  TcpRegion register(MemorySegment memory, MemoryPlace place) {
    if (!(place instanceof MemoryPlace.Host)) {
      throw new PagodaException(
          Fault.PERMANENT,
          "TCP moves host memory, and not that of %s: copy it to host memory, or use a transport"
              .formatted(place) + " that offers DEVICE_MEMORY");
    }
    if (!memory.isNative() || memory.byteSize() == 0 || memory.isReadOnly()) {
      throw new IllegalArgumentException(
          "Memory to register is native, writable and not empty: " + memory);
    }
    if (!memory.isAccessibleBy(Thread.ofPlatform().unstarted(() -> {}))) {
      throw new IllegalArgumentException(
          "Memory to register is usable by every thread; this is confined to one: " + memory);
    }
    Stretch stretch = new Stretch(memory.address(), memory.byteSize());
    TcpRegion region = new TcpRegion(this, memory, () -> release(stretch));
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("The transport was closed");
      }
      registered.merge(stretch, 1, Integer::sum);
      open.add(region);
    }
    return region;
  }

  /** A region was closed. */
  void closed(TcpRegion region) {
    open.remove(region);
  }

  /** Closes all, and lets none be registered. */
  void closeAll() {
    synchronized (this) {
      closed = true;
    }
    List.copyOf(open).forEach(TcpRegion::close);
  }

  private synchronized void release(Stretch stretch) {
    registered.computeIfPresent(stretch, (_, count) -> count == 1 ? null : count - 1);
  }

  synchronized int size() {
    return registered.size();
  }
}
