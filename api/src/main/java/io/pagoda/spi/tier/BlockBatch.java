package io.pagoda.spi.tier;

import io.pagoda.BlockKey;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that move together between a tier's slots and host memory. All host memory of a batch
 * lies in one segment, at an offset per block, so that a batch of thousands is four arrays.
 *
 * <p>A batch may move a sub-range of each block: the bytes from {@link #rangeOffset} up to {@link
 * #rangeBytes} further. Its host memory holds that range alone.
 */
public final class BlockBatch {
  private static final long[] NO_KEYS = {};

  private final MemorySegment memory;
  private final long[] offsets;
  private final int[] slots;
  private final long[] keys;
  private final long rangeOffset;
  private final long rangeBytes;
  private final @Nullable Seals seals;

  private BlockBatch(
      MemorySegment memory, long[] offsets, int[] slots, long[] keys, long rangeOffset,
      long rangeBytes) {
    this(memory, offsets, slots, keys, rangeOffset, rangeBytes, null);
  }

  private BlockBatch(
      MemorySegment memory, long[] offsets, int[] slots, long[] keys, long rangeOffset,
      long rangeBytes, @Nullable Seals seals) {
    this.seals = seals;
    this.memory = memory;
    this.offsets = offsets;
    this.slots = slots;
    this.keys = keys;
    this.rangeOffset = rangeOffset;
    this.rangeBytes = rangeBytes;
  }

  /**
   * Returns a batch of whole blocks. The arrays are given away: they must not change afterwards.
   *
   * @param memory where the blocks are in host memory
   * @param offsets where each starts in {@code memory}, in bytes
   * @param slots each block's slot in the tier
   * @param keys for each block the upper and then the lower 64 bits of its key
   * @param blockBytes bytes of each block
   * @throws IllegalArgumentException if the arrays do not fit together or are empty
   * @throws IndexOutOfBoundsException if a block reaches outside {@code memory}
   */
  public static BlockBatch of(
      MemorySegment memory, long[] offsets, int[] slots, long[] keys, long blockBytes) {
    if (slots.length == 0 || offsets.length != slots.length || keys.length != 2 * slots.length) {
      throw new IllegalArgumentException(
          "A batch has at least one block, an offset and two words of key for each: "
              + "slots=%d offsets=%d words=%d"
                  .formatted(slots.length, offsets.length, keys.length));
    }
    checkInside(memory, offsets, blockBytes);
    return new BlockBatch(memory, offsets, slots, keys, 0, blockBytes);
  }

  /**
   * Returns a batch of whole blocks whose keys nobody needs: their other place is memory that is
   * addressed by slot alone. The arrays are given away: they must not change afterwards.
   *
   * @param memory where the blocks are in host memory
   * @param offsets where each starts in {@code memory}, in bytes
   * @param slots each block's slot in the other place
   * @param blockBytes bytes of each block
   * @throws IllegalArgumentException if the arrays do not fit together or are empty
   * @throws IndexOutOfBoundsException if a block reaches outside {@code memory}
   */
  public static BlockBatch withoutKeys(
      MemorySegment memory, long[] offsets, int[] slots, long blockBytes) {
    if (slots.length == 0 || offsets.length != slots.length) {
      throw new IllegalArgumentException(
          "A batch has at least one block, and an offset for each: slots=%d offsets=%d"
              .formatted(slots.length, offsets.length));
    }
    checkInside(memory, offsets, blockBytes);
    return new BlockBatch(memory, offsets, slots, NO_KEYS, 0, blockBytes);
  }

  private static void checkInside(MemorySegment memory, long[] offsets, long blockBytes) {
    long last = memory.byteSize() - blockBytes;
    for (long offset : offsets) {
      if (offset < 0 || offset > last) {
        Objects.checkFromIndexSize(offset, blockBytes, memory.byteSize());
      }
    }
  }

  /**
   * Returns a batch that moves only a range of each block, to or from the same offsets.
   *
   * @param offset the first byte of the range within a block
   * @param bytes the length of the range, at least 1
   * @throws IndexOutOfBoundsException if the range reaches outside this batch's range
   */
  public BlockBatch range(long offset, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("A range has at least 1 byte, not " + bytes);
    }
    Objects.checkFromIndexSize(offset, bytes, rangeBytes);
    return new BlockBatch(memory, offsets, slots, keys, rangeOffset + offset, bytes);
  }

  /**
   * Returns a batch that moves only a range of each block, to or from where that range is in the
   * block's own memory.
   *
   * @param offset the first byte of the range within a block
   * @param bytes the length of the range, at least 1
   * @throws IndexOutOfBoundsException if the range reaches outside this batch's range
   */
  public BlockBatch part(long offset, long bytes) {
    BlockBatch range = range(offset, bytes);
    long[] moved = offsets.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += offset;
    }
    return new BlockBatch(memory, moved, slots, keys, range.rangeOffset, bytes);
  }

  /**
   * Returns the same batch, to be stored in a tier that gives blocks back after a restart.
   *
   * @param known what is known of each block
   * @throws IllegalArgumentException if that is of another number of blocks
   */
  public BlockBatch sealed(Seals known) {
    if (known.size() != size()) {
      throw new IllegalArgumentException(
          "There are seals of %d blocks for a batch of %d".formatted(known.size(), size()));
    }
    return new BlockBatch(memory, offsets, slots, keys, rangeOffset, rangeBytes, known);
  }

  /** {@return what is known of the blocks; there for stores to a {@link Recoverable} tier} */
  public Optional<Seals> seals() {
    return Optional.ofNullable(seals);
  }

  /** {@return how many blocks there are, at least 1} */
  public int size() {
    return slots.length;
  }

  /** {@return the slot of the block at {@code index}} */
  public int slot(int index) {
    return slots[index];
  }

  /**
   * Returns the upper 64 bits of the key of the block at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the batch is one {@linkplain #withoutKeys without keys}
   */
  public long keyHigh(int index) {
    return keys[2 * index];
  }

  /**
   * Returns the lower 64 bits of the key of the block at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the batch is one {@linkplain #withoutKeys without keys}
   */
  public long keyLow(int index) {
    return keys[2 * index + 1];
  }

  /** {@return the key of the block at {@code index}} */
  public BlockKey key(int index) {
    return new BlockKey(keyHigh(index), keyLow(index));
  }

  /** {@return the first byte of every block that this batch moves, counted within the block} */
  public long rangeOffset() {
    return rangeOffset;
  }

  /** {@return how many bytes of every block this batch moves} */
  public long rangeBytes() {
    return rangeBytes;
  }

  /** {@return bytes of the whole batch} */
  public long bytes() {
    return rangeBytes * slots.length;
  }

  /** {@return the segment that holds the host memory of every block} */
  public MemorySegment memory() {
    return memory;
  }

  /** {@return where in {@link #memory()} the block at {@code index} starts, in bytes} */
  public long offset(int index) {
    return offsets[index];
  }

  /** {@return the host memory of the block at {@code index}, {@link #rangeBytes} long} */
  public MemorySegment memory(int index) {
    return memory.asSlice(offsets[index], rangeBytes);
  }

  /**
   * Checks the batch against a tier's shape, as every tier must before it moves anything.
   *
   * @throws IndexOutOfBoundsException if a slot is not one of the tier's
   * @throws IllegalArgumentException if the range reaches outside a block, or memory is not aligned
   *     as the tier asks
   */
  public void checkFits(TierSpec spec) {
    if (rangeOffset + rangeBytes > spec.blockBytes()) {
      throw new IllegalArgumentException(
          "Bytes %d to %d reach outside a block of %d bytes"
              .formatted(rangeOffset, rangeOffset + rangeBytes, spec.blockBytes()));
    }
    for (int i = 0; i < slots.length; i++) {
      Objects.checkIndex(slots[i], spec.slots());
      long address = memory.address() + offsets[i];
      if ((address & (spec.alignment() - 1)) != 0) {
        throw new IllegalArgumentException(
            "Block %d is at address %x, which is not a multiple of %d"
                .formatted(i, address, spec.alignment()));
      }
    }
  }

  @Override
  public String toString() {
    return slots.length + " blocks of " + rangeBytes + " bytes";
  }
}
