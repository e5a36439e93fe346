package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.fail;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Blocks of host memory with guard bytes around each, and beside them an image of what they should
 * hold, so that one comparison finds every wrong byte, inside the blocks and between them.
 */
final class HostBlocks {
  private static final long GUARD_BYTES = 64;
  private static final long GUARD_SEED = 0x6a7d;

  private final TierSpec spec;
  private final MemorySegment memory;
  private final MemorySegment image;
  private final long lead;
  private final long stride;

  HostBlocks(TierSpec spec, int blocks, Arena arena) {
    this.spec = spec;
    this.lead = aligned(GUARD_BYTES);
    this.stride = aligned(spec.blockBytes() + GUARD_BYTES);
    this.memory = arena.allocate(lead + stride * blocks, Math.max(8, spec.alignment()));
    this.image = arena.allocate(lead + stride * blocks, 8);
    Pattern.write(memory, GUARD_SEED);
    image.copyFrom(memory);
  }

  private long aligned(long bytes) {
    return Math.ceilDiv(bytes, spec.alignment()) * spec.alignment();
  }

  long offset(int block) {
    return lead + block * stride;
  }

  MemorySegment block(int block) {
    return memory.asSlice(offset(block), spec.blockBytes());
  }

  /** Writes a pattern into a block, as what is to be stored. */
  void fill(int block, long seed) {
    Pattern.write(block(block), seed);
    expect(block, seed);
  }

  /** Makes every block differ from what it held. */
  void scribble() {
    Pattern.write(memory, ~GUARD_SEED);
    image.copyFrom(memory);
  }

  /** Writes bytes over a block's first ones, as what is to be stored of a range. */
  void fill(int block, MemorySegment content) {
    MemorySegment.copy(content, 0, memory, offset(block), content.byteSize());
    expect(block, content);
  }

  /** Says that a block shall hold a pattern. */
  void expect(int block, long seed) {
    Pattern.write(image.asSlice(offset(block), spec.blockBytes()), seed);
  }

  /** Says that a block's first bytes shall be {@code content}; the others stay. */
  void expect(int block, MemorySegment content) {
    MemorySegment.copy(content, 0, image, offset(block), content.byteSize());
  }

  /** Compares all memory, guard bytes included, with what it should hold. */
  void check() {
    long at = memory.mismatch(image);
    if (at >= 0) {
      fail(
          "%s of host memory holds %02x, not %02x".formatted(
              place(at), memory.get(ValueLayout.JAVA_BYTE, at),
              image.get(ValueLayout.JAVA_BYTE, at)));
    }
  }

  private String place(long at) {
    long block = Math.floorDiv(at - lead, stride);
    long within = at - lead - block * stride;
    return block >= 0 && within < spec.blockBytes()
        ? "byte %d of block %d".formatted(within, block)
        : "guard byte at %d, after block %d,".formatted(at, block);
  }

  /**
   * Returns a batch of blocks 0, 1, …
   *
   * @param slots the slot of each
   * @param keys for each a number that names what its slot holds
   */
  BlockBatch batch(int[] slots, long[] keys) {
    return batchByWords(slots, words(keys));
  }

  /** As {@link #batch(int[], long[])}, by the words of the keys. */
  BlockBatch batchByWords(int[] slots, long[] words) {
    long[] offsets = new long[slots.length];
    for (int i = 0; i < slots.length; i++) {
      offsets[i] = offset(i);
    }
    return BlockBatch.of(memory, offsets, slots, words, spec.blockBytes());
  }

  BlockBatch batch(long[] offsets, int[] slots, long[] keys) {
    return BlockBatch.of(memory, offsets, slots, words(keys), spec.blockBytes());
  }

  MemorySegment memory() {
    return memory;
  }

  /** {@return the words of the keys that {@code numbers} name} */
  static long[] words(long... numbers) {
    long[] words = new long[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      words[2 * i] = Pattern.mix(numbers[i]);
      words[2 * i + 1] = numbers[i];
    }
    return words;
  }
}
