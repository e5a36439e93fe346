package io.pagoda.tier.ssd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that passes everything on to another, but for what a test overrides. */
class PassingDisk implements Disk {
  private final Disk disk;

  PassingDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public boolean copies() {
    return disk.copies();
  }

  @Override
  public void write(int directory, ByteBuffer records, long position) throws IOException {
    disk.write(directory, records, position);
  }

  @Override
  public void syncRecords(int directory) throws IOException {
    disk.syncRecords(directory);
  }

  @Override
  public void syncSlots(int file) throws IOException {
    disk.syncSlots(file);
  }

  @Override
  public void punch(int file, long position, long bytes) throws IOException {
    disk.punch(file, position, bytes);
  }

  @Override
  public void replace(Superblock superblock) throws IOException {
    disk.replace(superblock);
  }

  @Override
  public void close() {
    disk.close();
  }
}
