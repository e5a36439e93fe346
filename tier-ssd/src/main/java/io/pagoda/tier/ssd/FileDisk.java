package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The device as the file system shows it. Records go to the page cache: where nobody syncs them
 * their files are mapped, and a record is copied there.
 */
final class FileDisk implements Disk {
  private static final int HOLE_BYTES = 4096;

  private final List<Path> directories;
  private final List<FileChannel> records = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> mapped = new ArrayList<>();
  private final List<FileChannel> slots = new ArrayList<>();
  private final List<Path> punched;
  private final List<Integer> holes = new ArrayList<>();

  private FileDisk(List<Path> directories, List<Path> punched) {
    this.directories = directories;
    this.punched = punched;
  }

  /**
   * Opens the record files in {@code directories}.
   *
   * @param slotFiles those that will be synced; if there are none, records are not either
   * @param punched those that holes will be punched into
   */
  static FileDisk open(List<Path> directories, List<Path> slotFiles, List<Path> punched) {
    FileDisk disk = new FileDisk(directories, punched);
    try {
      for (Path directory : directories) {
        disk.records.add(opened(directory.resolve(SlotDirectory.RECORDS)));
      }
      for (Path file : slotFiles) {
        disk.slots.add(opened(file));
      }
      if (slotFiles.isEmpty()) {
        disk.map();
      }
      disk.openHoles();
      return disk;
    } catch (IOException e) {
      disk.close();
      throw new PagodaException(Fault.PERMANENT, "Cannot open a record or slot file: " + e, e);
    } catch (PagodaException e) {
      disk.close();
      throw e;
    }
  }

  private void map() {
    try {
      for (FileChannel file : records) {
        mapped.add(file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena));
      }
    } catch (IOException e) {
      mapped.clear();
      Engine.LOG.log(
          Level.INFO, "Records are written by threads of their own: the files in {0} cannot be "
              + "mapped: {1}",
          directories, e);
    }
  }

  /** Opens the files for holes, and tries whether there can be any: beyond the end of each. */
  private void openHoles() throws IOException {
    for (Path file : punched) {
      int fd = LibcNative.open(file, false);
      holes.add(fd);
      if (!LibcNative.punch(fd, file, Files.size(file), HOLE_BYTES)) {
        throw new PagodaException(
            Fault.PERMANENT,
            ("Cannot give back the space of forgotten blocks in %s: its file system cannot punch "
                + "holes. Set punch-hole = false, or use one that can, such as ext4 or XFS")
                .formatted(file));
      }
    }
  }

  @Override
  public boolean copies() {
    return !mapped.isEmpty();
  }

  @Override
  public void write(int directory, ByteBuffer bytes, long position) throws IOException {
    if (copies()) {
      copy(bytes, mapped.get(directory).asSlice(position, bytes.remaining()));
      return;
    }
    long at = position;
    while (bytes.hasRemaining()) {
      at += records.get(directory).write(bytes, at);
    }
  }

  /** The JVM tells of a page that cannot be had when a native method returns, not before. */
  private static void copy(ByteBuffer bytes, MemorySegment to) throws IOException {
    try {
      to.copyFrom(MemorySegment.ofBuffer(bytes));
      Thread.holdsLock(bytes);
    } catch (InternalError e) {
      throw new IOException("the file was cut, or its device is full or gone", e);
    }
  }

  @Override
  public void syncRecords(int directory) throws IOException {
    records.get(directory).force(false);
  }

  @Override
  public void syncSlots(int file) throws IOException {
    slots.get(file).force(false);
  }

  @Override
  public void punch(int file, long position, long bytes) throws IOException {
    if (!LibcNative.punch(holes.get(file), punched.get(file), position, bytes)) {
      throw new IOException("the file system of " + punched.get(file) + " cannot punch holes");
    }
  }

  @Override
  public void replace(Superblock superblock) throws IOException {
    superblock.replaceIn(directories.get(superblock.directory()));
  }

  @Override
  public void close() {
    arena.close();
    ChannelPort.close(records);
    ChannelPort.close(slots);
    for (int i = 0; i < holes.size(); i++) {
      try {
        LibcNative.close(holes.get(i), punched.get(i));
      } catch (IOException e) {
        Engine.LOG.log(Level.WARNING, "Cannot close a slot file", e);
      }
    }
  }

  private static FileChannel opened(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }
}
