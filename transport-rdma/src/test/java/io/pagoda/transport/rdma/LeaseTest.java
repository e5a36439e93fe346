package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** What a peer says of its windows is taken only if it can be. */
class LeaseTest {
  private static final int HEADER = 36;

  /** One window of so many bytes, with one key. */
  private static ByteBuffer granted(long bytes, long chunk) {
    int table = 3 * Long.BYTES + Integer.BYTES;
    ByteBuffer in = ByteBuffer.allocate(HEADER + table).order(ByteOrder.LITTLE_ENDIAN);
    in.putInt(3).putInt(0).putLong(chunk).putLong(4_096).putInt(5).putInt(table).putInt(0);
    return in.putLong(bytes).putLong(1L << 40).putInt(0).putInt(0).putInt(9).flip();
  }

  @Test
  void aWindowHasAKeyForEachChunk() {
    Lease lease = new Lease(1, new byte[16]);
    assertTrue(lease.take(granted(1L << 30, 1L << 30)));
    assertEquals(9, lease.rkey(0, (1L << 30) - 1));
  }

  @Test
  void aWindowThatNoKeysCanBeOfIsRefused() {
    for (long bytes : new long[] {0, -1, (1L << 30) + 1, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      for (long chunk : new long[] {1L << 30, 1}) {
        Lease lease = new Lease(1, new byte[16]);
        assertThrows(
            IllegalArgumentException.class, () -> lease.take(granted(bytes, chunk)),
            () -> bytes + " bytes in chunks of " + chunk);
      }
    }
  }
}
