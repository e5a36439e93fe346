package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletionStage;

/** Memory that this transport may read and write. */
final class RdmaRegion implements Region {
  private final Regions owner;
  private final MemorySegment memory;
  private final MemoryPlace place;
  private final Registration registration;
  private final Uses uses;

  RdmaRegion(
      Regions owner, MemorySegment memory, MemoryPlace place, Registration registration,
      Runnable release) {
    this.owner = owner;
    this.memory = memory;
    this.place = place;
    this.registration = registration;
    uses = new Uses(release);
  }

  /**
   * {@return the region as one of {@code regions}, in use until {@link #leave}}
   *
   * @throws IllegalArgumentException if it is of another transport
   * @throws IllegalStateException if it was closed
   */
  static RdmaRegion enter(Region region, Regions regions) {
    Region one = region instanceof RailRegion several
        ? several.of(regions).<Region>map(part -> part).orElse(several)
        : region;
    if (!(one instanceof RdmaRegion own) || !own.isOf(regions)) {
      throw new IllegalArgumentException("This region is of another transport: " + region);
    }
    if (!own.uses.enter()) {
      throw new IllegalStateException("This region was closed: " + own);
    }
    return own;
  }

  /** {@return whether it is of the device that {@code regions} is of} */
  boolean isOf(Regions regions) {
    return owner.equals(regions);
  }

  Registration registration() {
    return registration;
  }

  void leave() {
    uses.leave();
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public MemoryPlace place() {
    return place;
  }

  @Override
  public void close() {
    owner.closed(this);
    uses.close();
  }

  @Override
  public CompletionStage<Void> released() {
    return uses.released().minimalCompletionStage();
  }

  @Override
  public String toString() {
    return "%d bytes at %x".formatted(memory.byteSize(), memory.address());
  }
}
