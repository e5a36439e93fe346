package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.Device;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/** CRC32C of stretches of host memory. */
final class Sums {
  /** What the processor's cache holds, and a buffer can. */
  private static final long STEP = 1 << 20;

  private Sums() {}

  /** Refuses memory that this processor cannot read, where it is moved without being staged. */
  static void checkHost(List<Descriptor> descriptors) {
    if (descriptors.getFirst().device().kind() != Device.Kind.CPU) {
      throw Troubles.shape(
          "only what passes through host memory can be verified, and %s is moved directly"
              .formatted(descriptors.getFirst().device()));
    }
  }

  static int[] of(List<MemorySegment> stretches) {
    return stretches.stream().mapToInt(Sums::of).toArray();
  }

  /** {@return the first stretch that has another checksum, if one has} */
  static OptionalInt differing(List<MemorySegment> stretches, int[] expected) {
    for (int i = 0; i < expected.length; i++) {
      if (of(stretches.get(i)) != expected[i]) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  static MemorySegment memory(Descriptor descriptor) {
    return descriptor.memory()
        .orElseGet(() -> AddressNative.memory(descriptor.address(), descriptor.bytes()));
  }

  private static int of(MemorySegment memory) {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < memory.byteSize(); at += STEP) {
      ByteBuffer part = memory.asSlice(at, Math.min(STEP, memory.byteSize() - at)).asByteBuffer();
      crc.update(part);
    }
    return (int) crc.getValue();
  }
}
