package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tier in the memory of a GPU, beside a hub that it has pinned. */
@OnGpu
class GpuTierTest {
  private static final int SLOTS = 40;
  private static final int GUARD = 512;

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());

  private static GpuTier tier(long blockBytes, int slots) {
    var device = new CudaSettings("", 4, CopyPath.AUTO, 0);
    return GpuTier.open(new GpuSettings(slots, blockBytes, device), "gpu");
  }

  @ParameterizedTest
  @ValueSource(longs = {256, 1_003, 4_096, 65_537, 1_048_576, 2_621_440})
  void everyByteComesBackThroughPinnedMemory(long blockBytes) {
    Census census;
    try (Arena arena = Arena.ofShared();
        GpuTier tier = tier(blockBytes, SLOTS)) {
      census = tier.device().context.census;
      long stride = blockBytes + GUARD;
      MemorySegment hub = Host.pages(arena, SLOTS * stride);
      tier.meet(hub);
      Host.awaitPinned(tier.device(), hub);
      Host.fill(hub, seed);
      MemorySegment image = arena.allocate(hub.byteSize());
      image.copyFrom(hub);
      int[] slots = shuffled();
      long[] offsets = IntStream.range(0, SLOTS).mapToLong(i -> i * stride).toArray();
      BlockBatch batch = BlockBatch.withoutKeys(hub, offsets, slots, blockBytes);
      assertEquals(BatchResult.COMPLETE, Host.await(done -> tier.store(batch, done)));
      for (long offset : offsets) {
        hub.asSlice(offset, blockBytes).fill((byte) 0);
      }
      assertEquals(BatchResult.COMPLETE, Host.await(done -> tier.load(batch, done)));
      assertEquals(-1, image.mismatch(hub), "blocks and guards; seed " + seed);
      ranges(tier, batch, hub, image);
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  /** Loads ranges into the guarded places of whole blocks. */
  private void ranges(GpuTier tier, BlockBatch batch, MemorySegment hub, MemorySegment image) {
    long third = batch.rangeBytes() / 3;
    BlockBatch part = batch.part(third, third + 1);
    for (int i = 0; i < part.size(); i++) {
      part.memory(i).fill((byte) 0);
    }
    assertEquals(BatchResult.COMPLETE, Host.await(done -> tier.load(part, done)));
    assertEquals(-1, image.mismatch(hub), "ranges of blocks; seed " + seed);
  }

  private int[] shuffled() {
    int[] slots = IntStream.range(0, SLOTS).toArray();
    var random = new SplittableRandom(seed);
    for (int i = SLOTS - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = slots[i];
      slots[i] = slots[other];
      slots[other] = kept;
    }
    return slots;
  }

  @Test
  void memoryThatIsNotThereIsRefusedWithSizesAndDevice() {
    var refused = assertThrows(PagodaException.class, () -> tier(1L << 30, 100_000));
    String message = String.valueOf(refused.getMessage());
    assertTrue(
        message.matches("cuMemAlloc of 97.*TiB on GPU-[-0-9a-f]+, which has .* free, failed: .*"),
        message);
  }
}
