package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.StorageTier;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Opens tiers for tests and waits for their answers. */
final class Rig {
  static final int BLOCK = 64 << 10;

  private Rig() {}

  static SsdSettings settings(Engine engine, int slots, Path... directories) {
    return new SsdSettings(
        List.of(directories), slots, BLOCK, Integer.MAX_VALUE, 32, engine, true, false);
  }

  /** Opens a tier whose operations are so short that every block takes several. */
  static SsdTier open(SsdSettings settings, UnaryOperator<IoPort> seam) {
    return SsdTier.open(settings, shape(settings), "test", seam);
  }

  static SsdTier open(SsdSettings settings) {
    return open(settings, UnaryOperator.identity());
  }

  static IoShape shape(SsdSettings settings) {
    return new IoShape(settings.alignment(), 16 << 10, 8 << 10, 3, settings.queueDepth());
  }

  static BatchResult store(StorageTier tier, BlockBatch batch) {
    var result = new CompletableFuture<BatchResult>();
    tier.store(batch, result::complete);
    return await(result);
  }

  static BatchResult load(StorageTier tier, BlockBatch batch) {
    var result = new CompletableFuture<BatchResult>();
    tier.load(batch, result::complete);
    return await(result);
  }

  /** Stores generation {@code age} of some slots. */
  static void fill(StorageTier tier, int age, int... slots) {
    try (var source = new HostMemory(tier.spec().blockBytes(), slots)) {
      assertEquals(BatchResult.COMPLETE, store(tier, source.fill(age).batch()));
    }
  }

  /** Loads some slots and expects generation {@code age}. */
  static void expect(StorageTier tier, int age, int... slots) {
    try (var target = new HostMemory(tier.spec().blockBytes(), slots)) {
      assertEquals(BatchResult.COMPLETE, load(tier, target.batch()));
      target.check(age);
    }
  }

  static BatchResult await(CompletableFuture<BatchResult> result) {
    return result.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
