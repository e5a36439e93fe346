package io.pagoda.tier.ssd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/*
 * Java could copy records there itself, but then a page that the device has to bring, or to take,
 * would hold up the whole JVM at its next safepoint, and one that cannot be had would be a signal.
 * So the kernel does it: it reads a file in memory into the mapped one. That holds up the thread
 * that asks, if any, and fails with EFAULT. A write to the file would do the same and costs three
 * times as much.
 */
/**
 * A record file in memory that is the kernel's: what was copied there outlives the process.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class RecordPages implements AutoCloseable {
  private static final int STAGED_BYTES = 64 << 10;

  private final Path file;
  private final Arena arena;
  private final MemorySegment errno;
  private final MemorySegment pages;
  private final MemorySegment staged;
  private final int staging;

  private RecordPages(Path file, Arena arena, int staging) throws IOException {
    this.file = file;
    this.arena = arena;
    this.staging = staging;
    this.errno = LibcNative.errno(arena);
    LibcNative.resize(staging, file, STAGED_BYTES);
    this.staged = map(Path.of("/proc/self/fd/" + staging), arena);
    this.pages = map(file, arena);
  }

  /**
   * Maps a file.
   *
   * @throws IOException if its file system, or this system, cannot
   */
  static RecordPages of(Path file) throws IOException {
    int staging = LibcNative.memory(file.toString());
    Arena arena = Arena.ofShared();
    try {
      return new RecordPages(file, arena, staging);
    } catch (IOException | RuntimeException e) {
      arena.close();
      LibcNative.close(staging, file);
      throw e;
    }
  }

  private static MemorySegment map(Path path, Arena arena) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(MapMode.READ_WRITE, 0, channel.size(), arena);
    }
  }

  /** Copies what remains of {@code records}. */
  void write(ByteBuffer records, long position) throws IOException {
    long at = position;
    while (records.hasRemaining()) {
      int bytes = Math.min(records.remaining(), STAGED_BYTES);
      staged.copyFrom(MemorySegment.ofBuffer(records).asSlice(0, bytes));
      copy(pages.asSlice(at, bytes));
      records.position(records.position() + bytes);
      at += bytes;
    }
  }

  private void copy(MemorySegment to) throws IOException {
    for (long done = 0; done < to.byteSize();) {
      int moved = LibcNative.read(staging, done, to.asSlice(done), errno);
      if (moved <= 0) {
        throw new IOException(
            "%s was cut, or its device is full or gone: %s"
                .formatted(file, Errno.describe(-moved)));
      }
      done += moved;
    }
  }

  /** Gives the file up. */
  @Override
  public void close() throws IOException {
    arena.close();
    LibcNative.close(staging, file);
  }
}
