package io.pagoda.tier.ssd;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What keeping blocks asks of the device, beside the writes of the port.
 *
 * <p><b>Threads.</b> One at a time for each directory, which waits.
 */
interface Disk extends AutoCloseable {
  /** {@return whether to write records is to copy them, for which nobody waits} */
  default boolean copies() {
    return false;
  }

  /** Writes what remains of {@code records} to the record file of a directory. */
  void write(int directory, ByteBuffer records, long position) throws IOException;

  /** Returns when the record file of a directory is on the device as far as it was written. */
  void syncRecords(int directory) throws IOException;

  /** Returns when the slot file that the layout counts as {@code file} is on the device. */
  void syncSlots(int file) throws IOException;

  /** Gives back the space of a stretch of the slot file that the layout counts as {@code file}. */
  void punch(int file, long position, long bytes) throws IOException;

  /** Puts a superblock in its directory in the place of that which is there, durably. */
  void replace(Superblock superblock) throws IOException;

  /** Closes the files. */
  @Override
  void close();
}
