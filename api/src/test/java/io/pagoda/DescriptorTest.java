package io.pagoda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operation can be told of, and where it is. */
class DescriptorTest {
  @ParameterizedTest
  @CsvSource({"cpu, cpu", "' HOST ', cpu", "cuda, cuda:0", "gpu, cuda:0", "CUDA:12, cuda:12",
    "gpu:3, cuda:3"})
  void readsDevices(String text, String device) {
    assertEquals(device, Device.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu0x", "cudafoo", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "xpu"})
  void refusesOtherDevices(String text) {
    assertThrows(IllegalArgumentException.class, () -> Device.parse(text));
  }

  @Test
  void describesSegmentsBuffersAndAddresses() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(100);
      assertEquals(memory.address(), Descriptor.of(memory).address());
      assertEquals(100, Descriptor.of(memory).bytes());
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(64).position(8).limit(24);
    assertEquals(16, Descriptor.of(buffer).bytes());
    assertEquals(MemorySegment.ofBuffer(buffer).address(), Descriptor.of(buffer).address());
    Descriptor device = Descriptor.of(4096, 10, Device.cuda(1));
    assertEquals(new RemoteDescriptor(Device.cuda(1), 4096, 10), device.described());
  }

  @Test
  void refusesWhatDoesNotStayOrIsNothing() {
    assertThrows(
        IllegalArgumentException.class, () -> Descriptor.of(MemorySegment.ofArray(new byte[8])));
    assertThrows(IllegalArgumentException.class, () -> Descriptor.of(ByteBuffer.allocate(8)));
    assertThrows(IllegalArgumentException.class, () -> Descriptor.of(ByteBuffer.allocateDirect(0)));
    assertThrows(IllegalArgumentException.class, () -> Descriptor.of(0, 8, Device.CPU));
    assertThrows(IllegalArgumentException.class, () -> Descriptor.of(8, 0, Device.CPU));
    try (Arena own = Arena.ofConfined()) {
      MemorySegment memory = own.allocate(8);
      assertThrows(IllegalArgumentException.class, () -> Descriptor.of(memory));
    }
  }
}
