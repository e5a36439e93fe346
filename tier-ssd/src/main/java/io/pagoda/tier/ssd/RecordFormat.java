package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Seals;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/*
 * docs/ssd-format.md has the record byte by byte. As many as fit lie in each page and none lies in
 * two, so no write of one page tears a record of another. A record of zeros is that of no block:
 * what a file is made of that was never written.
 */
/**
 * How the record of a block is written and read.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class RecordFormat {
  static final int PAGE = 4096;

  private static final int HEADER = 64;
  private static final int BLOCK = 1;

  private final int checksums;
  private final int bytes;
  private final int perPage;
  private final long blockBytes;
  private final int tierMark;
  private final CRC32C crc = new CRC32C();

  /** Creates the format of records of {@code tier}, whose blocks have so many checksums. */
  RecordFormat(UUID tier, long blockBytes, int checksums) {
    this.checksums = checksums;
    this.bytes = bytes(checksums);
    this.perPage = Math.max(1, PAGE / bytes);
    this.blockBytes = blockBytes;
    this.tierMark = mark(tier);
  }

  /** {@return how long a record with so many checksums is} */
  static int bytes(int checksums) {
    int needed = Math.addExact(HEADER, Math.multiplyExact(Integer.BYTES, checksums));
    return needed > PAGE ? Math.ceilDiv(needed, PAGE) * PAGE : Math.ceilDiv(needed, 8) * 8;
  }

  int bytes() {
    return bytes;
  }

  /** {@return where the record with {@code index} is in its file} */
  long position(int index) {
    return bytes > PAGE
        ? (long) index * bytes
        : (long) (index / perPage) * PAGE + (long) (index % perPage) * bytes;
  }

  /** {@return how many records end before {@code position}, which is the end of a page} */
  int endingBefore(long position) {
    long count = bytes > PAGE ? position / bytes : position / PAGE * perPage;
    return (int) Math.min(Integer.MAX_VALUE, count);
  }

  /** {@return how long a file of {@code records} is, whole pages} */
  long fileBytes(int records) {
    return records == 0 ? 0 : Math.ceilDiv(position(records - 1) + bytes, PAGE) * PAGE;
  }

  /** Writes the record of a block at {@code at}. */
  void write(ByteBuffer to, int at, int epoch, long generation, BlockBatch batch, int index) {
    Seals seals = batch.seals().orElseThrow();
    to.putInt(at + 4, BLOCK).putInt(at + 8, batch.slot(index)).putInt(at + 12, epoch);
    to.putLong(at + 16, generation);
    to.putLong(at + 24, batch.keyHigh(index)).putLong(at + 32, batch.keyLow(index));
    to.putLong(at + 40, seals.parentHigh(index)).putLong(at + 48, seals.parentLow(index));
    to.putLong(at + 56, blockBytes);
    for (int i = 0; i < checksums; i++) {
      to.putInt(at + HEADER + Integer.BYTES * i, seals.checksum(index, i));
    }
    for (int i = HEADER + Integer.BYTES * checksums; i < bytes; i += Integer.BYTES) {
      to.putInt(at + i, 0);
    }
    to.putInt(at, crc(to, at));
  }

  /** Writes the record of no block at {@code at}. */
  void erase(ByteBuffer to, int at) {
    for (int i = 0; i < bytes; i += Long.BYTES) {
      to.putLong(at + i, 0);
    }
  }

  /** {@return whether the record at {@code at} is that of no block} */
  static boolean isEmpty(ByteBuffer from, int at) {
    return (from.getLong(at) | from.getLong(at + 8)) == 0;
  }

  /** {@return whether the record at {@code at} is whole, this tier's, and that of {@code slot}} */
  boolean isWhole(ByteBuffer from, int at, int slot) {
    return from.getInt(at) == crc(from, at)
        && from.getInt(at + 4) == BLOCK
        && from.getInt(at + 8) == slot
        && from.getLong(at + 56) == blockBytes;
  }

  static int epoch(ByteBuffer from, int at) {
    return from.getInt(at + 12);
  }

  static long generation(ByteBuffer from, int at) {
    return from.getLong(at + 16);
  }

  static long keyHigh(ByteBuffer from, int at) {
    return from.getLong(at + 24);
  }

  static long keyLow(ByteBuffer from, int at) {
    return from.getLong(at + 32);
  }

  Seals seals(ByteBuffer from, int at) {
    int[] sums = new int[checksums];
    for (int i = 0; i < checksums; i++) {
      sums[i] = from.getInt(at + HEADER + Integer.BYTES * i);
    }
    return new Seals(new long[] {from.getLong(at + 40), from.getLong(at + 48)}, sums, checksums);
  }

  private int crc(ByteBuffer of, int at) {
    crc.reset();
    of.limit(at + bytes).position(at + Integer.BYTES);
    crc.update(of);
    of.clear();
    return (int) crc.getValue() ^ tierMark;
  }

  private static int mark(UUID tier) {
    CRC32C of = new CRC32C();
    ByteBuffer id = ByteBuffer.allocate(16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    of.update(
        id.putLong(tier.getMostSignificantBits()).putLong(tier.getLeastSignificantBits()).flip());
    return (int) of.getValue();
  }
}
