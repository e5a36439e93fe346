package com.example.folder;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file for each slot. */
final class FolderTier implements StorageTier {
  private final Path directory;
  private final TierSpec spec;
  private final Executor blocking;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Of the tier itself, until it is closed, and of each batch under way. */
  private final Phaser life = new Phaser(1);

  FolderTier(Path directory, TierSpec spec, Executor blocking) {
    this.directory = directory;
    this.spec = spec;
    this.blocking = blocking;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new PagodaException(Fault.PERMANENT, "cannot make " + directory + ": " + e, e);
    }
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    move(batch, completion, FolderTier::read, StandardOpenOption.READ);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    move(batch, completion, FolderTier::write, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }

  private interface Step {
    int move(FileChannel file, ByteBuffer bytes, long position) throws IOException;
  }

  private static int read(FileChannel file, ByteBuffer bytes, long position) throws IOException {
    return file.read(bytes, position);
  }

  private static int write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
    return file.write(bytes, position);
  }

  private void move(BlockBatch batch, Completion completion, Step step, OpenOption... how) {
    batch.checkFits(spec);
    if (closed.get() || life.register() < 0) {
      throw new IllegalStateException("the tier in " + directory + " is closed");
    }
    blocking.execute(() -> {
      completion.complete(moved(batch, step, how));
      life.arriveAndDeregister();
    });
  }

  private BatchResult moved(BlockBatch batch, Step step, OpenOption... how) {
    try {
      for (int i = 0; i < batch.size(); i++) {
        try (var file = FileChannel.open(directory.resolve("slot-" + batch.slot(i)), how)) {
          moveAll(file, batch.memory(i).asByteBuffer(), batch.rangeOffset(), step);
        }
      }
      return BatchResult.COMPLETE;
    } catch (IOException e) {
      return new BatchResult.Failed(
          new PagodaException(Fault.TRANSIENT, "files in " + directory + ": " + e, e));
    }
  }

  private static void moveAll(FileChannel file, ByteBuffer bytes, long from, Step step)
      throws IOException {
    while (bytes.hasRemaining()) {
      if (step.move(file, bytes, from + bytes.position()) < 0) {
        throw new EOFException("the file is too short");
      }
    }
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      life.arriveAndDeregister();
    }
    life.awaitAdvance(0);
  }
}
