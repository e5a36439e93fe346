package io.pagoda.node.bench;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A tier with every block written, above it host memory for some of them, and the checksums of all
 * its pieces.
 */
final class TierSet implements AutoCloseable {
  private final long blockBytes;
  private final long pieceBytes;
  private final Plugins plugins;
  private final Deployment deployment;
  private final TierNode node;
  private final MemorySegment memory;
  private final int[] blockSums;
  private final int[] pieceSums;
  private final boolean sealed;

  private TierSet(Shape shape, Plugins plugins, Deployment deployment, TierNode node) {
    this.blockBytes = shape.blockBytes;
    this.pieceBytes = shape.pieceBytes;
    this.plugins = plugins;
    this.deployment = deployment;
    this.node = node;
    this.memory = deployment.graph().hub().tier().ability(Addressable.class).orElseThrow().memory();
    this.blockSums = new int[node.tier().spec().slots()];
    this.pieceSums = new int[Math.toIntExact(blockSums.length * (blockBytes / pieceBytes))];
    this.sealed = node.tier().ability(Recoverable.class).isPresent();
  }

  /**
   * What a set consists of.
   *
   * @param slots how many blocks the tier has
   * @param blockBytes bytes of each
   * @param pieceBytes what is to be moved of a block when it is not the whole
   * @param buffers for how many blocks there is host memory
   */
  record Shape(int slots, long blockBytes, long pieceBytes, int buffers) {}

  /**
   * Opens a tier and fills it.
   *
   * @param type of the tier
   * @param file the configuration whose settings of tiers hold, if any
   * @param directory where its files go
   */
  static TierSet open(String type, Optional<Path> file, Path directory, Shape shape) {
    Overrides overrides = Overrides.NONE.tier("cpu=" + shape.buffers)
        .tier(type + "=" + shape.slots)
        .blockBytes(shape.blockBytes + "B")
        .set("pagoda.tier." + type + ".directory", directory.toString());
    PagodaConfig config = PagodaConfig.load(file, overrides);
    Plugins plugins = Plugins.in(config.plugins());
    try {
      Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE);
      TierNode node = deployment.graph().tiers().getLast();
      var set = new TierSet(shape, plugins, deployment, node);
      set.fill();
      return set;
    } catch (Throwable failed) {
      plugins.close();
      throw failed;
    }
  }

  StorageTier tier() {
    return node.tier();
  }

  int slots() {
    return blockSums.length;
  }

  long blockBytes() {
    return blockBytes;
  }

  int buffers() {
    return Math.toIntExact(memory.byteSize() / blockBytes);
  }

  /** {@return the file with the blocks in it: the largest below the directory} */
  static Path file(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile)
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow(() -> new IOException("The tier has no file in " + directory));
    }
  }

  /** {@return a batch of a part of one block} */
  BlockBatch batch(int buffer, int slot, long from, long bytes, int sum) {
    long[] key = {1, slot};
    BlockBatch whole =
        BlockBatch.of(memory, new long[] {buffer * blockBytes}, new int[] {slot}, key, blockBytes);
    if (sealed) {
      whole = whole.sealed(new Seals(new long[2], new int[] {sum}, 1));
    }
    return bytes == blockBytes ? whole : whole.range(from, bytes);
  }

  /** {@return the checksum of the first {@code bytes} in a buffer} */
  int sum(int buffer, long bytes) {
    return sum(buffer, 0, bytes);
  }

  private int sum(int buffer, long from, long bytes) {
    var crc = new CRC32C();
    crc.update(memory.asSlice(buffer * blockBytes + from, bytes).asByteBuffer());
    return (int) crc.getValue();
  }

  /** {@return what the checksum of a piece was when the tier was filled} */
  int filled(long bytes, int piece) {
    return bytes == blockBytes ? blockSums[piece] : pieceSums[piece];
  }

  /** {@return the checksum of what a slot holds now} */
  int read(int slot) {
    await(node.tier()::load, batch(0, slot, 0, blockBytes, 0));
    return sum(0, blockBytes);
  }

  private void fill() {
    int perBlock = Math.toIntExact(blockBytes / pieceBytes);
    for (int slot = 0; slot < slots(); slot++) {
      Words.fill(memory.asSlice(0, blockBytes), slot);
      blockSums[slot] = sum(0, blockBytes);
      for (int i = 0; i < perBlock; i++) {
        pieceSums[slot * perBlock + i] = sum(0, i * pieceBytes, pieceBytes);
      }
      await(node.tier()::store, batch(0, slot, 0, blockBytes, blockSums[slot]));
    }
    for (int buffer = 0; buffer < buffers(); buffer++) {
      Words.fill(memory.asSlice(buffer * blockBytes, blockBytes), slots() + buffer);
    }
  }

  private static void await(BiConsumer<BlockBatch, Completion> operation, BlockBatch batch) {
    var ended = new CompletableFuture<BatchResult>();
    operation.accept(batch, ended::complete);
    check(ended.join(), batch);
  }

  static void check(BatchResult result, BlockBatch batch) {
    if (!(result instanceof BatchResult.Complete)) {
      throw new IllegalStateException("%s ended with %s".formatted(batch, result));
    }
  }

  @Override
  public void close() {
    try (plugins;
        deployment) {
      // Both end here, the tier before who made it.
    }
  }
}
