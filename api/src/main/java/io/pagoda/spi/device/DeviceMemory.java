package io.pagoda.spi.device;

import java.lang.foreign.MemorySegment;

/** Memory of a device, allocated or opened; whoever has it closes it once. */
public interface DeviceMemory extends AutoCloseable {
  /** {@return its addresses; host code must not touch what is there} */
  MemorySegment segment();

  /** Frees or closes the memory. Nothing may use it any more. */
  @Override
  void close();
}
