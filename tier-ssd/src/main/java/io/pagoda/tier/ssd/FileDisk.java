package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
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
  private final List<RecordPages> pages = new ArrayList<>();
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
      for (Path directory : directories) {
        pages.add(RecordPages.of(directory.resolve(SlotDirectory.RECORDS)));
      }
    } catch (IOException e) {
      closePages();
      Engine.LOG.log(
          Level.INFO, "Records are written by threads of their own: the files in {0} cannot be "
              + "mapped: {1}",
          directories, e);
    }
  }

  private void closePages() {
    for (RecordPages each : pages) {
      try {
        each.close();
      } catch (IOException e) {
        Engine.LOG.log(Level.WARNING, "Cannot close a file in memory", e);
      }
    }
    pages.clear();
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
    return !pages.isEmpty();
  }

  @Override
  public void write(int directory, ByteBuffer bytes, long position) throws IOException {
    if (copies()) {
      pages.get(directory).write(bytes, position);
      return;
    }
    long at = position;
    while (bytes.hasRemaining()) {
      at += records.get(directory).write(bytes, at);
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
    closePages();
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
    return FileChannel.open(file, StandardOpenOption.WRITE);
  }
}
