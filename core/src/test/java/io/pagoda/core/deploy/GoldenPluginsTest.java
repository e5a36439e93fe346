package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.KvLayout;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.plugin.JarBuilder;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Provider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plugins as they were built for each version of the api that there was, and kept: they serve for
 * as long as its major version lasts. One for a new version is made with {@code
 * -Dpagoda.write=true}, once, and never again.
 */
class GoldenPluginsTest {
  private static final Path GOLDEN = Path.of("src/test/golden");
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 16;
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 1, 1, BLOCKS, BLOCK);

  @TempDir Path work;

  private static Path ofToday() {
    String version = Provider.class.getModule().getDescriptor().rawVersion().orElseThrow();
    List<String> parts = Arrays.asList(version.split("\\."));
    return GOLDEN.resolve("api-" + parts.get(0) + "." + parts.get(1));
  }

  static Stream<Path> golden() throws IOException {
    try (Stream<Path> kept = Files.list(GOLDEN)) {
      return kept.sorted().toList().stream();
    }
  }

  @Test
  void thereIsOneForTheApiOfToday() {
    if (Boolean.getBoolean("pagoda.write") && Files.notExists(ofToday())) {
      JarBuilder.tape(work, "1.0.0")
          .source("com/acme/tape/TapeTier.java", ReelSource.TIER)
          .into(ofToday(), "tape.jar");
    }
    assertTrue(
        Files.exists(ofToday().resolve("tape.jar")),
        () -> "The api has a new version: make " + ofToday() + " with -Dpagoda.write=true");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void aPluginOfAnEarlierApiServes(Path plugin) {
    var memory = new TrialTier("memory", true, Availability.READY);
    try (Plugins plugins = Plugins.onModulePath(memory)) {
      PluginId id = plugins.install(plugin);
      plugins.resolve(id);
      plugins.start(id);
      ConfigFile file = ConfigFile.of(
          work, "pagoda.block-bytes = 4KiB",
          "pagoda.tiers = [ { type = memory, blocks = 16 }, { type = tape, blocks = 64 } ]",
          "pagoda.graph { write = through, promote = copy }");
      try (Deployment deployment = Deployment.open(file.load(), plugins, StageTimes.NONE)) {
        comesBack(deployment);
      }
    }
  }

  /** Puts twice as much as the first tier holds, and fetches what is only below. */
  private static void comesBack(Deployment deployment) {
    var store = deployment.store();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment blocks = arena.allocate(SHAPE.bytes());
      try (Pool pool = store.register(SHAPE, blocks)) {
        int[] all = IntStream.range(0, BLOCKS).toArray();
        for (long first : new long[] {1, 1001}) {
          for (int i = 0; i < BLOCKS; i++) {
            blocks.asSlice((long) i * BLOCK, BLOCK).fill((byte) (first + 3L * i));
            blocks.set(ValueLayout.JAVA_LONG, (long) i * BLOCK, first + i);
          }
          store.put(keys(first), pool, all)
              .finished()
              .toCompletableFuture()
              .orTimeout(20, TimeUnit.SECONDS)
              .join();
        }
        blocks.fill((byte) 0);
        var outcome = store.fetch(store.match(keys(1)), pool, all)
            .settled()
            .toCompletableFuture()
            .orTimeout(20, TimeUnit.SECONDS)
            .join();
        assertEquals(BLOCKS, outcome.blocks(), outcome::reason);
        for (int i = 0; i < BLOCKS; i++) {
          assertEquals(1 + i, blocks.get(ValueLayout.JAVA_LONG, (long) i * BLOCK));
          assertEquals((byte) (1 + 3 * i), blocks.get(ValueLayout.JAVA_BYTE, (i + 1L) * BLOCK - 1));
        }
      }
    }
    assertEquals(BLOCKS, store.statistics().tiers().get(1).count(TierCount.HITS));
  }

  private static BlockKeys keys(long first) {
    return BlockKeys.ofWords(
        LongStream.range(first, first + BLOCKS).flatMap(low -> LongStream.of(7, low)).toArray());
  }
}
