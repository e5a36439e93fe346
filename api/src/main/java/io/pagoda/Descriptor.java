package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A stretch of memory of this process that an operation moves as a whole: at least 1 byte, at one
 * address of one device.
 *
 * <p><b>Memory.</b> Belongs to the caller, who keeps it alive until every operation with it has
 * {@linkplain Operation#settled settled}. A descriptor of a segment or a buffer keeps that
 * reachable; one of an address keeps nothing.
 */
public final class Descriptor {
  private final long address;
  private final long bytes;
  private final Device device;
  private final Optional<MemorySegment> memory;

  private Descriptor(long address, long bytes, Device device, Optional<MemorySegment> memory) {
    if (address < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "A descriptor is of 1 byte at least and not at address 0: %d bytes at 0x%x"
              .formatted(bytes, address));
    }
    this.address = address;
    this.bytes = bytes;
    this.device = device;
    this.memory = memory;
  }

  /**
   * Describes host memory.
   *
   * @param memory native, and usable by every thread
   * @throws IllegalArgumentException if it is on the heap, empty, or one thread's own
   */
  public static Descriptor of(MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException(
          "Only native memory stays where it is: this is on the heap. Take"
              + " Arena.ofShared().allocate(...) or ByteBuffer.allocateDirect(...)");
    }
    if (!memory.isAccessibleBy(new Thread())) {
      throw new IllegalArgumentException(
          "The memory is one thread's own; take Arena.ofShared() or ofAuto()");
    }
    return new Descriptor(memory.address(), memory.byteSize(), Device.CPU, Optional.of(memory));
  }

  /**
   * Describes what remains in a buffer, from its position to its limit.
   *
   * @throws IllegalArgumentException if the buffer is not direct, or nothing remains in it
   */
  public static Descriptor of(ByteBuffer buffer) {
    return of(MemorySegment.ofBuffer(buffer));
  }

  /**
   * Describes memory by its address, in host memory or on a device. Nobody can check that it is
   * there.
   *
   * @param address as its device counts
   * @param bytes how long it is
   * @param device where it is
   */
  public static Descriptor of(long address, long bytes, Device device) {
    return new Descriptor(address, bytes, device, Optional.empty());
  }

  /** {@return where it starts, as its device counts} */
  public long address() {
    return address;
  }

  /** {@return how long it is, at least 1} */
  public long bytes() {
    return bytes;
  }

  /** {@return where it is} */
  public Device device() {
    return device;
  }

  /** {@return its memory, unless it is known by its address alone} */
  public Optional<MemorySegment> memory() {
    return memory;
  }

  /** {@return what a peer may know of it} */
  public RemoteDescriptor described() {
    return new RemoteDescriptor(device, address, bytes);
  }

  @Override
  public String toString() {
    return "%d bytes at 0x%x of %s".formatted(bytes, address, device);
  }
}
