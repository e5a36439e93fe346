package io.pagoda.tier.gpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.util.Arrays;

/**
 * A handle of another process's memory: the driver's 64 bytes, alone or as PyTorch frames them,
 * behind a version and a letter for the kind of memory.
 */
final class MemoryHandle {
  private static final int BYTES = 64;
  private static final int FRAME = 2;
  private static final byte ALLOCATED = 'c';
  private static final byte VIRTUAL = 'e';

  private MemoryHandle() {}

  /**
   * Returns the driver's bytes of a handle.
   *
   * @throws PagodaException if it stands for memory of a virtual-memory pool
   * @throws IllegalArgumentException if it is no handle
   */
  static byte[] bare(byte[] given) {
    if (given.length == BYTES) {
      return given.clone();
    }
    if (given.length > FRAME && given[1] == VIRTUAL) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The memory is of a virtual-memory pool (cuMemCreate), which other processes cannot open "
              + "by a handle: have the engine allocate its KV memory with "
              + "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:False");
    }
    if (given.length == FRAME + BYTES && given[1] == ALLOCATED) {
      return Arrays.copyOfRange(given, FRAME, given.length);
    }
    throw new IllegalArgumentException(
        "A memory handle has %d bytes, or %d as PyTorch frames it, not %d"
            .formatted(BYTES, FRAME + BYTES, given.length));
  }
}
