package io.pagoda.node.bench;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * A tier whose blocks are found by key, and above it host memory with the bytes of some blocks.
 * Which block has which of them is told by its number.
 */
final class RemoteSet implements AutoCloseable {
  private final Plugins plugins;
  private final Deployment deployment;
  private final StorageTier tier;
  private final Keyed keyed;
  private final MemorySegment memory;
  private final long blockBytes;
  private final int[] sums;

  private RemoteSet(Plugins plugins, Deployment deployment, long blockBytes) {
    this.plugins = plugins;
    this.deployment = deployment;
    this.tier = deployment.graph().tiers().getLast().tier();
    this.keyed = tier.ability(Keyed.class).orElseThrow();
    this.memory = deployment.graph().hub().tier().ability(Addressable.class).orElseThrow().memory();
    this.blockBytes = blockBytes;
    this.sums = new int[buffers()];
    for (int buffer = 0; buffer < sums.length; buffer++) {
      Words.fill(slice(buffer), buffer);
      sums[buffer] = sum(buffer);
    }
  }

  /**
   * Opens a tier.
   *
   * @param type of the tier
   * @param file the configuration that says where its server is
   * @param buffers for how many blocks there is memory
   */
  static RemoteSet open(String type, Optional<Path> file, long blockBytes, int buffers) {
    // What is remembered of blocks would spare requests that are to be measured.
    String section = "pagoda.tier." + type;
    Overrides overrides = Overrides.NONE.tier("cpu=" + buffers)
        .tier(type + "=" + (1 << 16))
        .blockBytes(blockBytes + "B")
        .set(section + ".look-up.present-for", "1ms")
        .set(section + ".look-up.absent-for", "1ms");
    PagodaConfig config = PagodaConfig.load(file, overrides);
    Plugins plugins = Plugins.in(config.plugins());
    try {
      return new RemoteSet(plugins, Deployment.open(config, plugins, StageTimes.NONE), blockBytes);
    } catch (Throwable failed) {
      plugins.close();
      throw failed;
    }
  }

  int buffers() {
    return Math.toIntExact(memory.byteSize() / blockBytes);
  }

  long blockBytes() {
    return blockBytes;
  }

  private MemorySegment slice(int buffer) {
    return memory.asSlice(buffer * blockBytes, blockBytes);
  }

  private int sum(int buffer) {
    var crc = new CRC32C();
    crc.update(slice(buffer).asByteBuffer());
    return (int) crc.getValue();
  }

  /**
   * Stores consecutive blocks of a prefix.
   *
   * @param depth how many come before them
   * @param buffers where their bytes are
   */
  CompletableFuture<Void> store(long[] keys, int depth, int... buffers) {
    BlockBatch batch = batch(keys, buffers);
    int[] checksums = new int[buffers.length];
    int[] depths = new int[buffers.length];
    long[] parents = new long[keys.length];
    for (int i = 0; i < buffers.length; i++) {
      checksums[i] = sums[buffers[i]];
      depths[i] = depth + i;
    }
    System.arraycopy(keys, 0, parents, 2, keys.length - 2);
    var ended = new CompletableFuture<Void>();
    var seals = new Seals(parents, depths, checksums, 1);
    tier.store(batch.sealed(seals), result -> tell(ended, result, batch));
    return ended;
  }

  /** Loads blocks into buffers. */
  CompletableFuture<Void> load(long[] keys, int... buffers) {
    BlockBatch batch = batch(keys, buffers);
    var ended = new CompletableFuture<Void>();
    tier.load(batch, result -> tell(ended, result, batch));
    return ended;
  }

  private static void tell(CompletableFuture<Void> ended, BatchResult result, BlockBatch batch) {
    try {
      TierSet.check(result, batch);
      ended.complete(null);
    } catch (RuntimeException e) {
      ended.completeExceptionally(e);
    }
  }

  private BlockBatch batch(long[] keys, int... buffers) {
    long[] offsets = new long[buffers.length];
    for (int i = 0; i < buffers.length; i++) {
      offsets[i] = buffers[i] * blockBytes;
    }
    return BlockBatch.of(memory, offsets, new int[buffers.length], keys, blockBytes);
  }

  /** {@return how many bytes of a buffer are not those of block {@code called}, then right} */
  long wrong(int buffer, int called) {
    long wrong = Words.wrong(slice(buffer), called);
    Words.fill(slice(buffer), buffer);
    return wrong;
  }

  void spoil(int buffer) {
    slice(buffer).fill((byte) 0);
  }

  int find(long[] keys) {
    var found = new CompletableFuture<Integer>();
    keyed.find(keys, 0, found::complete);
    return found.join();
  }

  /** {@return how many requests it has made} */
  long requests() {
    return tier.ability(Metered.class)
        .map(Metered::figures)
        .orElse(Map.of())
        .getOrDefault(Metered.Figure.REQUESTS, 0L);
  }

  @Override
  public void close() {
    try (plugins) {
      deployment.close();
    }
  }
}
