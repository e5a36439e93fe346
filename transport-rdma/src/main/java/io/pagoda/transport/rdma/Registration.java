package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvMr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that is registered with a device, in chunks that count from its start: one registration of
 * all of a large memory would hold up others for long.
 */
final class Registration {
  private final Registrar device;
  private final long address;
  private final long bytes;
  private final long chunk;
  private final List<IbvMr> chunks = new ArrayList<>();

  private Registration(Registrar device, long address, long bytes, long chunk) {
    this.device = device;
    this.address = address;
    this.bytes = bytes;
    this.chunk = chunk;
  }

  /**
   * Registers memory, or nothing of it.
   *
   * @param gpu whether it is a GPU's
   * @throws io.pagoda.PagodaException if it cannot be registered, with the remedy
   */
  static Registration of(
      Registrar device, boolean gpu, long address, long bytes, long chunk, int access) {
    Registration made = new Registration(device, address, bytes, chunk);
    try {
      for (long at = 0; at < bytes; at += chunk) {
        long part = Math.min(chunk, bytes - at);
        made.chunks.add(
            gpu
                ? device.registerGpu(address + at, part, access)
                : device.register(address + at, part, access));
      }
      return made;
    } catch (IOException e) {
      made.close();
      throw Device.refused(bytes, e);
    }
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  /** {@return how many bytes from {@code offset} on are of one chunk, at most} */
  long within(long offset) {
    return chunk - (offset & chunk - 1);
  }

  int lkey(long offset) {
    return chunks.get((int) (offset / chunk)).getLkey();
  }

  int[] rkeys() {
    return chunks.stream().mapToInt(IbvMr::getRkey).toArray();
  }

  /** Ends it: the device touches nothing of it any more. */
  void close() {
    chunks.forEach(device::deregister);
    chunks.clear();
  }
}
