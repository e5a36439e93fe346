package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/*
 * The file has the superblock twice, a page apart, and is only ever replaced as a whole: by a
 * rename, after its bytes are on the device. docs/ssd-format.md has it byte by byte.
 */
/**
 * What a directory says of the tier whose blocks it holds.
 *
 * @param ready whether records count; if not, the tier was still being formed
 * @param tier names the tier in all its directories
 * @param directory which of them this is
 * @param layout where slots lie
 * @param shape what the checksums in records are of
 * @param epoch that of records that count
 * @param written how many bytes had been written to the directory, blocks and records
 */
record Superblock(
    boolean ready, UUID tier, int directory, Layout layout, SealShape shape, int epoch,
    long written) {
  static final String FILE = "superblock.pagoda";
  static final int VERSION = 2;

  /** How many directories a tier may have: each has four bytes in front of the second copy. */
  static final int MOST_DEVICES = 512;

  /** The version whose tiers have directories of one size. */
  private static final int EVEN = 1;

  private static final String NEXT = "superblock.pagoda.next";
  private static final long MAGIC = 0x42_53_41_44_4f_47_41_50L; // "PAGODASB"
  private static final int BYTES = 128;
  private static final int CRC_AT = BYTES - Integer.BYTES;
  private static final int COPY_AT = 4096;
  private static final int TABLE_CRC_AT = 76;
  private static final int WRITTEN_AT = 80;
  private static final int FORMING = 1;
  private static final int READY = 2;

  /** {@return the same, for another state} */
  Superblock ready(boolean counts) {
    return new Superblock(counts, tier, directory, layout, shape, epoch, written);
  }

  /** {@return the same of a tier with other slots} */
  Superblock grown(Layout larger) {
    return new Superblock(ready, tier, directory, larger, shape, epoch, written);
  }

  /** {@return the same in another epoch} */
  Superblock inEpoch(int other) {
    return new Superblock(ready, tier, directory, layout, shape, other, written);
  }

  /** {@return the same after so many bytes} */
  Superblock written(long bytes) {
    return new Superblock(ready, tier, directory, layout, shape, epoch, bytes);
  }

  /**
   * Reads the superblock of a directory.
   *
   * @return nothing if there is none
   * @throws PagodaException if a newer version wrote it
   * @throws DamagedException if it is there and says nothing
   */
  static Optional<Superblock> read(Path inDirectory) throws IOException, DamagedException {
    Path file = inDirectory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at <= COPY_AT; at += COPY_AT) {
      if (whole(bytes, at)) {
        return Optional.of(
            decode(bytes.slice(at, bytes.capacity() - at).order(ByteOrder.LITTLE_ENDIAN), file));
      }
    }
    throw new DamagedException(file);
  }

  /** Puts this in the place of what the directory says, durably, or leaves it as it was. */
  void replaceIn(Path inDirectory) throws IOException {
    Path next = inDirectory.resolve(NEXT);
    try (FileChannel file = FileChannel.open(
        next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      for (ByteBuffer bytes = encode(); bytes.hasRemaining();) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(
        next, inDirectory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(inDirectory);
  }

  /** Makes the names of a directory's files durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private ByteBuffer encode() {
    int table = Integer.BYTES * layout.directories();
    ByteBuffer bytes = ByteBuffer.allocate(COPY_AT + BYTES + table).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(ready ? READY : FORMING);
    bytes.putLong(tier.getMostSignificantBits()).putLong(tier.getLeastSignificantBits());
    bytes.putInt(directory).putInt(layout.directories());
    bytes.putLong(layout.blockBytes()).putInt(layout.slots()).putInt(layout.slotsPerFile());
    bytes.putInt(shape.checksums()).putInt(RecordFormat.bytes(shape.checksums()));
    bytes.putLong(shape.layout()).putInt(epoch);
    for (int i = 0; i < layout.directories(); i++) {
      bytes.putInt(BYTES + Integer.BYTES * i, layout.slotsIn(i));
    }
    bytes.putLong(WRITTEN_AT, written);
    bytes.putInt(TABLE_CRC_AT, crc(bytes, BYTES, table));
    bytes.putInt(CRC_AT, crc(bytes, 0, CRC_AT));
    bytes.put(COPY_AT, bytes, 0, BYTES + table);
    return bytes.clear();
  }

  private static Superblock decode(ByteBuffer bytes, Path file) {
    int version = bytes.getInt(8);
    if (version != VERSION && version != EVEN) {
      throw new PagodaException(
          Fault.PERMANENT,
          ("%s has format version %d, and this program reads versions %d and %d. Use the program "
              + "that wrote it, give the tier another directory, or delete the directory")
              .formatted(file, version, EVEN, VERSION));
    }
    boolean counts = bytes.getInt(12) == READY;
    UUID id = new UUID(bytes.getLong(16), bytes.getLong(24));
    Layout places = new Layout(striping(bytes, version), bytes.getLong(40), bytes.getInt(52));
    SealShape seals = new SealShape(bytes.getInt(56), bytes.getLong(64));
    return new Superblock(
        counts, id, bytes.getInt(32), places, seals, bytes.getInt(72), bytes.getLong(WRITTEN_AT));
  }

  private static Striping striping(ByteBuffer bytes, int version) {
    int[] slots = new int[bytes.getInt(36)];
    if (version == EVEN) {
      return Striping.even(bytes.getInt(48), slots.length);
    }
    Arrays.setAll(slots, i -> bytes.getInt(BYTES + Integer.BYTES * i));
    return Striping.of(slots);
  }

  /** Whether there is a superblock at a place, with its table if its version has one. */
  private static boolean whole(ByteBuffer bytes, int at) {
    if (bytes.capacity() < at + BYTES
        || bytes.getLong(at) != MAGIC
        || bytes.getInt(at + CRC_AT) != crc(bytes, at, CRC_AT)) {
      return false;
    }
    int table = Integer.BYTES * Math.clamp(bytes.getInt(at + 36), 0, MOST_DEVICES);
    return bytes.getInt(at + 8) != VERSION
        || (bytes.capacity() >= at + BYTES + table
            && bytes.getInt(at + TABLE_CRC_AT) == crc(bytes, at + BYTES, table));
  }

  private static int crc(ByteBuffer bytes, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(at, length));
    return (int) crc.getValue();
  }

  /** Both copies of a superblock are damaged. */
  static final class DamagedException extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1;

    DamagedException(Path file) {
      super(file + " is damaged");
    }
  }
}
