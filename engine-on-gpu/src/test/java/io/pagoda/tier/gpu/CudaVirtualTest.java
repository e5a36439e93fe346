package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory of a virtual-memory pool: of another process it is refused, of this one it is as any. */
@OnGpu
class CudaVirtualTest {
  private static final int BYTES = 2 << 20;
  private static final int CHUNK = BYTES / 8;

  private static CudaDevice device(CopyPath path) {
    return CudaDevice.open(new CudaSettings("", 4, path, 16 << 20), "gpu");
  }

  @Test
  void whatAnotherProcessSharesOfItIsRefusedWithTheReason() {
    try (CudaDevice device = device(CopyPath.AUTO);
        var virtual = new VirtualNative(device.context, BYTES)) {
      assertFalse(virtual.hasHandle(), "the driver makes no handle of such memory");
      byte[] shared = virtual.shared();
      var refused = assertThrows(PagodaException.class, () -> device.open(shared, 0, BYTES));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("cuMemCreate"), message);
      assertTrue(message.contains("expandable_segments:False"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(CopyPath.class)
  void thisProcesssIsCopiedByEveryPath(CopyPath path) {
    try (Arena arena = Arena.ofShared();
        CudaDevice device = device(path);
        var virtual = new VirtualNative(device.context, BYTES)) {
      MemorySegment hub = Host.pages(arena, 2 * BYTES);
      Host.fill(hub, 23);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      var stripes = List.of(
          new Stripe(virtual.address(), CHUNK, 0, CHUNK),
          new Stripe(virtual.address() + BYTES / 2, CHUNK, CHUNK, CHUNK));
      try (DeviceRegion region = device.map(List.of(stripes), 4)) {
        assertEquals(
            BatchResult.COMPLETE, Host.await(done -> region.copy(batch(hub, 0), 0, true, done)));
        assertEquals(
            BatchResult.COMPLETE,
            Host.await(done -> region.copy(batch(hub, BYTES), 0, false, done)));
        assertEquals(-1, hub.asSlice(0, BYTES).mismatch(hub.asSlice(BYTES, BYTES)));
      }
    }
  }

  private static BlockBatch batch(MemorySegment hub, long at) {
    long block = 2 * CHUNK;
    return BlockBatch.withoutKeys(
        hub, new long[] {at, at + block, at + 2 * block, at + 3 * block}, new int[] {2, 0, 3, 1},
        block);
  }
}
