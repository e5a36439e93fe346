package io.pagoda.core.peer;

import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Transport;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Host memory that peers' blocks are read into, registered with every transport.
 *
 * <p><b>Threads.</b> Any.
 */
final class Hubs implements AutoCloseable {
  private final List<Transport> transports;
  private final Map<Place, Region> regions = new ConcurrentHashMap<>();

  /** Memory by where it is. */
  private record Place(String transport, long address, long bytes) {}

  Hubs(List<Transport> transports) {
    this.transports = List.copyOf(transports);
  }

  void add(MemorySegment memory) {
    transports.forEach(transport -> region(transport.type(), memory));
  }

  /** {@return memory as a transport knows it} */
  Region region(String type, MemorySegment memory) {
    return regions.computeIfAbsent(
        new Place(type, memory.address(), memory.byteSize()), _ -> register(type, memory));
  }

  private Region register(String type, MemorySegment memory) {
    return transports.stream()
        .filter(transport -> transport.type().equals(type))
        .findFirst()
        .orElseThrow()
        .register(memory);
  }

  /** {@return how many ranges a batch of a transport has at most} */
  int ranges(String type) {
    return transports.stream()
        .filter(transport -> transport.type().equals(type))
        .mapToInt(transport -> transport.capabilities().limits().ranges())
        .findFirst()
        .orElseThrow();
  }

  /** Gives all back: returns when no transfer uses it any more. */
  @Override
  public void close() {
    regions.values().forEach(Region::close);
    regions.values().forEach(region -> region.released().toCompletableFuture().join());
    regions.clear();
  }
}
