package io.pagoda.core.connect;

import java.lang.foreign.MemorySegment;

/** Memory that is known by its address alone. Whoever names it answers for it. */
@SuppressWarnings("restricted")
final class AddressNative {
  private AddressNative() {}

  static MemorySegment memory(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
