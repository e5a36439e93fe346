package io.pagoda.spi.device;

import io.pagoda.DeviceEvent;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A device with memory of its own, such as a GPU.
 *
 * <p><b>Threads.</b> Safe for use by many threads; no method but {@link #open}, {@link #allocate},
 * {@link #map} and {@link #close} waits for the device.
 *
 * <p><b>Memory.</b> Device memory is told by its address, as a native segment that host code must
 * not touch. A device owns what it allocates or opens until that is closed.
 *
 * <p><b>Failures.</b> A call that fails throws a {@link io.pagoda.PagodaException} that names the
 * call, the device and the sizes. After a failure that the device does not recover from, every
 * later copy fails.
 */
public interface Device extends AutoCloseable {
  /** {@return what the device is known by on this machine, such as {@code GPU-…}} */
  String uuid();

  /**
   * Makes host memory one that the device reads and writes directly, in the background; copies work
   * before that too, and slower. It ends with the device's closing, before which the memory must
   * stay alive. Memory that was named before is not pinned twice.
   *
   * @param hub native memory
   * @return completes with how many of its bytes, from the first, the device reads and writes
   *     directly: all, or fewer if the machine does not allow more
   */
  CompletionStage<Long> pin(MemorySegment hub);

  /**
   * Allocates device memory.
   *
   * @param bytes how many, at least 1
   */
  DeviceMemory allocate(long bytes);

  /**
   * Opens device memory of another process.
   *
   * @param handle what the other process exported: the driver's 64 bytes, alone or as the
   *     framework of that process frames them
   * @param offset where the memory starts behind what the handle stands for, in bytes
   * @param bytes how many
   * @throws io.pagoda.PagodaException if it is memory that other processes cannot open, with the
   *     reason
   * @throws IllegalArgumentException if that is no handle
   */
  DeviceMemory open(byte[] handle, long offset, long bytes);

  /**
   * Prepares copies of blocks to and from places on the device.
   *
   * @param views several ways to look at the same blocks: each is the stripes that a copy moves, in
   *     the order of their offsets
   * @param blocks how many blocks the stripes hold
   */
  DeviceRegion map(List<List<Stripe>> views, int blocks);

  /**
   * Makes an event of an inference engine known.
   *
   * @throws UnsupportedOperationException if the device knows no events
   */
  default DeviceSignal signal(DeviceEvent event) {
    throw new UnsupportedOperationException(this + " knows no events; it was told of " + event);
  }

  /**
   * Returns a further ability of this device, such as {@link PeerRoute} or {@link FileRoute}: how
   * devices differ, and how this interface grows.
   *
   * @param <A> the ability
   * @param ability its interface
   */
  default <A> Optional<A> ability(Class<A> ability) {
    return ability.isInstance(this) ? Optional.of(ability.cast(this)) : Optional.empty();
  }

  /** {@return what it has copied, by the way and the direction} */
  default List<Flow> flows() {
    return List.of();
  }

  /**
   * Ends what is in flight, then releases everything, also what was allocated and not closed.
   *
   * @throws IllegalStateException if a completion calls it, which would be to wait for itself
   */
  @Override
  void close();
}
