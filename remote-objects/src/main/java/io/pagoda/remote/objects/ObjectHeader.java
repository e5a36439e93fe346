package io.pagoda.remote.objects;

import io.pagoda.spi.tier.Seals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The header of an object, in native memory; {@code docs/object-format.md} has it byte by byte.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class ObjectHeader {
  static final int FIXED_BYTES = 72;
  static final int ENTRY_BYTES = 48;

  /** That blocks have a checksum of the bytes that are kept for them. */
  static final int CHECKED = 1;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  // "PAGODAOB", as a little-endian number.
  private static final long MAGIC = 0x424f_4144_4f47_4150L;
  private static final int VERSION = 1;

  private final MemorySegment memory;
  private final ObjectShape shape;

  /** A view of memory that holds a header, or will. */
  ObjectHeader(MemorySegment memory, ObjectShape shape) {
    this.memory = memory;
    this.shape = shape;
  }

  /** Begins a header of so many blocks. */
  void begin(int blocks, Compression compression, boolean encrypted, long now) {
    memory.asSlice(0, shape.headerBytes(blocks)).fill((byte) 0);
    memory.set(LONG, 0, MAGIC);
    memory.set(INT, 8, VERSION);
    memory.set(INT, 12, shape.headerBytes(blocks));
    memory.set(LONG, 16, shape.fingerprint());
    memory.set(LONG, 24, shape.blockBytes());
    memory.set(INT, 32, blocks);
    memory.set(INT, 36, shape.checksums());
    memory.set(ValueLayout.JAVA_BYTE, 40, compression.number());
    memory.set(ValueLayout.JAVA_BYTE, 41, (byte) (encrypted ? 1 : 0));
    memory.set(LONG, 48, now);
  }

  /** Sets the nonce that the first block of the object is encrypted with. */
  void nonce(byte[] nonce) {
    MemorySegment.copy(nonce, 0, memory, ValueLayout.JAVA_BYTE, 56, Secret.NONCE_BYTES);
  }

  /** Says which block is at {@code index}. */
  void block(int index, long keyHigh, long keyLow, Seals seals, int sealed) {
    long at = entry(index);
    memory.set(LONG, at, keyHigh);
    memory.set(LONG, at + 8, keyLow);
    memory.set(LONG, at + 16, seals.parentHigh(sealed));
    memory.set(LONG, at + 24, seals.parentLow(sealed));
    for (int i = 0; i < shape.checksums(); i++) {
      memory.set(INT, at + ENTRY_BYTES + 4L * i, seals.checksum(sealed, i));
    }
  }

  /** Says what is kept of the block at {@code index}. */
  void kept(int index, long bytes) {
    memory.set(LONG, entry(index) + 32, bytes);
  }

  /** Says what is kept of the block at {@code index}, and its checksum. */
  void kept(int index, MemorySegment bytes) {
    kept(index, bytes.byteSize());
    memory.set(INT, entry(index) + 40, crc(bytes));
    memory.set(INT, 44, memory.get(INT, 44) | CHECKED);
  }

  /** Ends the header with its own checksum. */
  void end() {
    int bytes = headerBytes();
    memory.set(INT, bytes - 4L, crc(memory.asSlice(0, bytes - 4L)));
  }

  /** {@return why this is not the header of an object of this shape, if it is not} */
  Optional<String> wrong() {
    Optional<String> alien = alien();
    return alien.isEmpty() && damaged() ? Optional.of("its header is damaged") : alien;
  }

  /** {@return why this is not the header of an object of this shape and name; empty if it is} */
  String wrong(long keyHigh, long keyLow) {
    return wrong()
        .orElseGet(() -> names(blocks() - 1, keyHigh, keyLow) ? "" : "it is of another block");
  }

  /** {@return whether this is the beginning of a header that is longer than the memory} */
  boolean cut() {
    return alien().isEmpty()
        && plausible()
        && shape.headerBytes(blocks()) == headerBytes()
        && headerBytes() > memory.byteSize();
  }

  private Optional<String> alien() {
    if (memory.byteSize() < FIXED_BYTES || memory.get(LONG, 0) != MAGIC) {
      return Optional.of("it is not one of Pagoda's");
    }
    if (memory.get(INT, 8) != VERSION) {
      return Optional.of("its version is %d, not %d".formatted(memory.get(INT, 8), VERSION));
    }
    if (memory.get(LONG, 16) != shape.fingerprint()
        || memory.get(LONG, 24) != shape.blockBytes()
        || memory.get(INT, 36) != shape.checksums()) {
      return Optional.of("its blocks are of another shape");
    }
    return encrypted() == shape.encrypted()
        ? Optional.empty()
        : Optional.of(encrypted() ? "it is encrypted" : "it is not encrypted");
  }

  private boolean plausible() {
    return blocks() >= 1 && blocks() <= ObjectSettings.MOST_BLOCKS;
  }

  private boolean damaged() {
    if (!plausible()) {
      return true;
    }
    int bytes = shape.headerBytes(blocks());
    return headerBytes() != bytes
        || bytes > memory.byteSize()
        || memory.get(INT, bytes - 4L) != crc(memory.asSlice(0, bytes - 4L))
        || Compression.of(codecNumber()).isEmpty()
        || scattered();
  }

  /** {@return whether blocks do not follow one another, or what is kept of one cannot be} */
  private boolean scattered() {
    long most = shape.blockBytes() + (encrypted() ? Secret.TAG_BYTES : 0);
    for (int i = 0; i < blocks(); i++) {
      if (keptBytes(i) < 1 || keptBytes(i) > most || (i > 0 && !follows(i))) {
        return true;
      }
    }
    return false;
  }

  private boolean follows(int index) {
    return memory.get(LONG, entry(index) + 16) == keyHigh(index - 1)
        && memory.get(LONG, entry(index) + 24) == keyLow(index - 1);
  }

  /** {@return how many blocks the object has} */
  int blocks() {
    return memory.get(INT, 32);
  }

  int headerBytes() {
    return memory.get(INT, 12);
  }

  /** {@return how blocks are compressed} */
  Compression codec() {
    return Compression.of(codecNumber()).orElseThrow();
  }

  private int codecNumber() {
    return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, 40));
  }

  /** {@return whether blocks are encrypted} */
  boolean encrypted() {
    return memory.get(ValueLayout.JAVA_BYTE, 41) != 0;
  }

  /** {@return the nonce that the block at {@code index} is encrypted with} */
  byte[] nonce(int index) {
    byte[] first = memory.asSlice(56, Secret.NONCE_BYTES).toArray(ValueLayout.JAVA_BYTE);
    return Secret.nonce(first, index);
  }

  /** {@return whether the block at {@code index} is kept as it is in host memory} */
  boolean plain(int index) {
    return !encrypted() && keptBytes(index) == shape.blockBytes();
  }

  /** {@return the position of the block that has this key, or −1 if none has} */
  int find(long keyHigh, long keyLow) {
    int at = blocks() - 1;
    while (at >= 0 && !names(at, keyHigh, keyLow)) {
      at--;
    }
    return at;
  }

  /** {@return whether the block at {@code index} has this key} */
  boolean names(int index, long keyHigh, long keyLow) {
    return index >= 0
        && index < blocks()
        && memory.get(LONG, entry(index)) == keyHigh
        && memory.get(LONG, entry(index) + 8) == keyLow;
  }

  long keyHigh(int index) {
    return memory.get(LONG, entry(index));
  }

  long keyLow(int index) {
    return memory.get(LONG, entry(index) + 8);
  }

  /** {@return how many bytes are kept of the block at {@code index}} */
  long keptBytes(int index) {
    return memory.get(LONG, entry(index) + 32);
  }

  /** {@return bytes of the whole object} */
  long objectBytes() {
    return keptAt(blocks());
  }

  /** {@return where what is kept of the block at {@code index} begins in the object} */
  long keptAt(int index) {
    long at = headerBytes();
    for (int i = 0; i < index; i++) {
      at += keptBytes(i);
    }
    return at;
  }

  /** {@return whether these are the bytes that were kept of the block at {@code index}} */
  boolean agrees(int index, MemorySegment bytes) {
    boolean checked = (memory.get(INT, 44) & CHECKED) != 0;
    return !checked || memory.get(INT, entry(index) + 40) == crc(bytes);
  }

  /** Copies the checksums that seal the block at {@code index}. */
  int[] checksums(int index) {
    return memory.asSlice(entry(index) + ENTRY_BYTES, 4L * shape.checksums()).toArray(INT);
  }

  private long entry(int index) {
    return FIXED_BYTES + (long) index * shape.entryBytes();
  }

  /** {@return the CRC32C of bytes in native memory} */
  static int crc(MemorySegment bytes) {
    var crc = new CRC32C();
    long most = Integer.MAX_VALUE & ~7;
    for (long at = 0; at < bytes.byteSize(); at += most) {
      crc.update(bytes.asSlice(at, Math.min(most, bytes.byteSize() - at)).asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
