package io.pagoda.core.connect;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.core.pool.HostDevice;
import io.pagoda.spi.tier.BatchResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever lies on a device is copied byte for byte, and nothing beside it. */
@Timeout(60)
class DeviceWindowsTest {
  private static final long[] SIZES =
      {1, 2, 3, 63, 64, 65, 4_095, 4_097, 1_000_003, (1 << 20) + 1, (3 << 20) + 77};
  private static final byte UNTOUCHED = 0x5a;

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final HostDevice device = new HostDevice("GPU-1");
  private final DeviceWindows windows = new DeviceWindows(device);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    windows.close();
    assertEquals(0, device.regions.get());
    device.close();
    arena.close();
  }

  private BatchResult copy(
      List<Descriptor> stretches, MemorySegment host, long[] offsets, boolean in) throws Exception {
    return windows.copy(stretches, host, offsets, in).get(30, TimeUnit.SECONDS);
  }

  @Test
  void stretchesOfAnyLengthGoThereAndBack() throws Exception {
    List<Descriptor> stretches = new ArrayList<>();
    long[] offsets = new long[SIZES.length];
    long end = 5;
    MemorySegment memory = device.allocate(32 << 20).segment().fill(UNTOUCHED);
    long at = 3;
    for (int i = 0; i < SIZES.length; i++) {
      offsets[i] = end;
      end += SIZES[i] + 7;
      stretches.add(Descriptor.of(memory.address() + at, SIZES[i], Device.cuda(0)));
      at += SIZES[i] + 11;
    }
    MemorySegment host = arena.allocate(end);
    fill(host);
    assertEquals(BatchResult.COMPLETE, copy(stretches, host, offsets, true));
    MemorySegment back = arena.allocate(end).fill(UNTOUCHED);
    assertEquals(BatchResult.COMPLETE, copy(stretches, back, offsets, false));
    for (int i = 0; i < SIZES.length; i++) {
      long from = stretches.get(i).address() - memory.address();
      MemorySegment wanted = host.asSlice(offsets[i], SIZES[i]);
      assertEquals(-1, wanted.mismatch(memory.asSlice(from, SIZES[i])), "in, seed " + seed);
      assertEquals(-1, wanted.mismatch(back.asSlice(offsets[i], SIZES[i])), "out, seed " + seed);
      assertEquals(UNTOUCHED, memory.get(JAVA_BYTE, from - 1), "before, seed " + seed);
      assertEquals(UNTOUCHED, memory.get(JAVA_BYTE, from + SIZES[i]), "behind, seed " + seed);
      assertEquals(UNTOUCHED, back.get(JAVA_BYTE, offsets[i] + SIZES[i]), "back, seed " + seed);
    }
    assertTrue(device.regions.get() <= 2, "windows are mapped once: " + device.regions);
  }

  private void fill(MemorySegment memory) {
    byte[] bytes = new byte[(int) memory.byteSize()];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
  }

  @Test
  void whatIsNotThereFailsAndSaysSo() throws Exception {
    MemorySegment memory = device.allocate(4096).segment();
    device.copiesLeft.set(1);
    var stretch = List.of(Descriptor.of(memory.address(), 4096 - 1, Device.cuda(0)));
    BatchResult end = copy(stretch, arena.allocate(4096), new long[1], true);
    var failed = assertInstanceOf(BatchResult.Failed.class, end);
    assertEquals("the device is gone", failed.cause().getMessage());
  }
}
