package io.pagoda.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pagoda.DeviceEvent;
import io.pagoda.KvLayout;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Sections;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool on two devices, of which one refuses copies while the other is at it. */
class DeviceRefusalTest {
  private static final PoolSpec HALF = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 8, 24);
  private static final long BLOCK = 2 * HALF.blockBytes();
  private static final int WHOLE = -1;
  private static final DeviceEvent EVENT = DeviceEvent.of("GPU-1", 1);

  private final HostDevice one = new HostDevice("GPU-1");
  private final HostDevice two = new HostDevice("GPU-2");
  private final PoolMemory pool = new PoolMemory(
      List.of(part(one, 0, 0), part(two, HALF.blockBytes(), 2)), Sections.whole(BLOCK),
      uuid -> uuid.equals("GPU-1") ? one : two);
  private final CompletableFuture<Void> reached = new CompletableFuture<>();
  private final CompletableFuture<BatchResult> ended = new CompletableFuture<>();
  private final AtomicInteger broken = new AtomicInteger();

  private static PoolPart part(HostDevice device, long offset, int layer) {
    return new PoolPart(
        HALF, List.of(device.allocate(HALF.bytes()).segment()), offset, layer, false,
        device.uuid());
  }

  @AfterEach
  void close() {
    reached.complete(null);
    pool.close();
    one.close();
    two.close();
  }

  private void copy(Arena arena, boolean toDevice) {
    one.ahead.put(EVENT, reached);
    pool.holdUp(List.of(EVENT), toDevice);
    BlockBatch batch =
        BlockBatch.withoutKeys(arena.allocate(BLOCK), new long[] {0}, new int[] {3}, BLOCK);
    if (toDevice) {
      pool.scatter(batch, WHOLE, ended::complete, broken::incrementAndGet);
    } else {
      pool.gather(batch, ended::complete, broken::incrementAndGet);
    }
  }

  private void refuses(boolean toDevice) {
    two.takenLeft.set(0);
    try (Arena arena = Arena.ofShared()) {
      copy(arena, toDevice);
      assertEquals(1, broken.get(), "known at once");
      assertFalse(ended.isDone(), "the other device is at it");
      reached.complete(null);
      assertInstanceOf(BatchResult.Failed.class, ended.orTimeout(30, TimeUnit.SECONDS).join());
    }
  }

  @Test
  void aRefusedFetchIsKnownToBeBrokenWhileTheOtherDeviceIsAtIt() {
    refuses(true);
  }

  @Test
  void aRefusedPutIsKnownToBeBrokenWhileTheOtherDeviceIsAtIt() {
    refuses(false);
  }

  @Test
  void whatAllComesIsNotBroken() {
    try (Arena arena = Arena.ofShared()) {
      copy(arena, true);
      reached.complete(null);
      assertEquals(BatchResult.COMPLETE, ended.orTimeout(30, TimeUnit.SECONDS).join());
      assertEquals(0, broken.get());
    }
  }
}
