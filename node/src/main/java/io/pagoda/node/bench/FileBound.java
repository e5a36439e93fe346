package io.pagoda.node.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Plain reads and writes of a file: one block at a time on each of eight threads at most. */
final class FileBound implements Kind.Bound, AutoCloseable {
  private static final long DIRECT_BYTES = 4096;
  private static final int THREADS = 8;

  private static final Set<StandardOpenOption> ORDINARY =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

  private final Arena arena = Arena.ofShared();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().factory());
  private final MemorySegment memory;
  private final FileChannel channel;
  private final long blockBytes;
  private final boolean direct;

  /** Creates a file with blocks in it. */
  FileBound(Path file, int blocks, long blockBytes) throws IOException {
    this.blockBytes = blockBytes;
    this.memory = arena.allocate(blocks * blockBytes, DIRECT_BYTES).fill((byte) 0x5a);
    Optional<FileChannel> past =
        blockBytes % DIRECT_BYTES == 0 ? pastTheCache(file) : Optional.empty();
    this.direct = past.isPresent();
    this.channel = direct ? past.get() : FileChannel.open(file, ORDINARY);
    write(0, blocks);
  }

  /** {@return the file without the page cache, if its file system can do that} */
  private static Optional<FileChannel> pastTheCache(Path file) throws IOException {
    Set<OpenOption> options = new HashSet<>(ORDINARY);
    options.add(directOption());
    try {
      return Optional.of(FileChannel.open(file, options));
    } catch (FileSystemException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** The JDK's only O_DIRECT. javac warns of its package and takes no answer, hence by name. */
  private static OpenOption directOption() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("This JDK has no direct I/O", e);
    }
  }

  @Override
  public String name() {
    return "FileChannel, " + (direct ? "O_DIRECT, " : "page cache, ") + THREADS + " threads";
  }

  @Override
  public void read(int first, int count) throws IOException {
    each(first, count, false);
  }

  @Override
  public void write(int first, int count) throws IOException {
    each(first, count, true);
  }

  private void each(int first, int count, boolean writing) throws IOException {
    var running =
        IntStream.range(first, first + count).<Future<?>>mapToObj(block -> threads.submit(() -> {
          move(block, writing);
          return block;
        })).toList();
    for (Future<?> block : running) {
      await(block);
    }
  }

  private void move(int block, boolean writing) throws IOException {
    ByteBuffer buffer = memory.asSlice(block * blockBytes, blockBytes).asByteBuffer();
    long start = block * blockBytes;
    while (buffer.hasRemaining()) {
      long at = start + buffer.position();
      if ((writing ? channel.write(buffer, at) : channel.read(buffer, at)) < 1) {
        throw new IOException("Block %d of the yardstick's file ended early".formatted(block));
      }
    }
  }

  private static void await(Future<?> block) throws IOException {
    try {
      block.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    threads.close();
    channel.close();
    arena.close();
  }
}
