package io.pagoda.tier.gpu;

import java.util.concurrent.atomic.AtomicInteger;

/** How many things of the driver a device has that somebody has to give back. */
final class Census {
  final AtomicInteger allocations = new AtomicInteger();
  final AtomicInteger streams = new AtomicInteger();
  final AtomicInteger events = new AtomicInteger();
  final AtomicInteger pins = new AtomicInteger();

  /** {@return whether all was given back} */
  boolean isEmpty() {
    return (allocations.get() | streams.get() | events.get() | pins.get()) == 0;
  }

  @Override
  public String toString() {
    return "%s allocations, %s streams, %s events, %s pieces of pinned memory"
        .formatted(allocations, streams, events, pins);
  }
}
