package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import org.junit.jupiter.api.Test;

class MemoryHandleTest {
  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i + 7);
    }
    return bytes;
  }

  private static byte[] framed(char kind, int length) {
    byte[] framed = bytes(length);
    framed[0] = 1;
    framed[1] = (byte) kind;
    return framed;
  }

  @Test
  void takesTheDriversBytesWithAndWithoutAFrame() {
    assertArrayEquals(bytes(64), MemoryHandle.bare(bytes(64)));
    byte[] expected = new byte[64];
    System.arraycopy(bytes(66), 2, expected, 0, 64);
    assertArrayEquals(expected, MemoryHandle.bare(framed('c', 66)));
  }

  @Test
  void refusesVirtualMemoryWithTheReason() {
    for (int length : new int[] {30, 34, 66, 200}) {
      byte[] handle = framed('e', length);
      var refused = assertThrows(PagodaException.class, () -> MemoryHandle.bare(handle));
      assertEquals(Fault.PERMANENT, refused.fault());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("cuMemCreate"), message);
      assertTrue(message.contains("expandable_segments:False"), message);
    }
  }

  @Test
  void refusesWhatIsNoHandle() {
    for (int length : new int[] {0, 1, 63, 65, 67}) {
      assertThrows(IllegalArgumentException.class, () -> MemoryHandle.bare(bytes(length)));
    }
    assertThrows(IllegalArgumentException.class, () -> MemoryHandle.bare(framed('x', 66)));
  }
}
