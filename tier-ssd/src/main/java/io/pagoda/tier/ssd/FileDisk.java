package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The device as the file system shows it. Records go through the page cache. */
final class FileDisk implements Disk {
  private final List<Path> directories;
  private final List<FileChannel> records = new ArrayList<>();
  private final List<FileChannel> slots = new ArrayList<>();

  private FileDisk(List<Path> directories) {
    this.directories = directories;
  }

  /**
   * Opens the record files in {@code directories}.
   *
   * @param slotFiles those that will be synced
   */
  static FileDisk open(List<Path> directories, List<Path> slotFiles) {
    FileDisk disk = new FileDisk(directories);
    try {
      for (Path directory : directories) {
        disk.records.add(opened(directory.resolve(SlotDirectory.RECORDS)));
      }
      for (Path file : slotFiles) {
        disk.slots.add(opened(file));
      }
      return disk;
    } catch (IOException e) {
      disk.close();
      throw new PagodaException(Fault.PERMANENT, "Cannot open a record or slot file: " + e, e);
    }
  }

  @Override
  public void write(int directory, ByteBuffer bytes, long position) throws IOException {
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
  public void replace(Superblock superblock) throws IOException {
    superblock.replaceIn(directories.get(superblock.directory()));
  }

  @Override
  public void close() {
    ChannelPort.close(records);
    ChannelPort.close(slots);
  }

  private static FileChannel opened(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.WRITE);
  }
}
