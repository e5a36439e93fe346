package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Page-aligned host memory for some blocks, filled and checked by patterns of slot and position.
 */
final class HostMemory implements AutoCloseable {
  private static final byte GUARD = 0x5a;

  private final Arena arena = Arena.ofShared();
  private final long blockBytes;
  private final int[] slots;
  private final MemorySegment memory;

  HostMemory(long blockBytes, int... slots) {
    this.blockBytes = blockBytes;
    this.slots = slots.clone();
    this.memory = arena.allocate(stride() * slots.length, 4096).fill(GUARD);
  }

  /** {@return the byte at {@code position} of generation {@code age} of a slot's block} */
  static byte pattern(int slot, long position, int age) {
    long x = (slot * 0x9E3779B97F4A7C15L) ^ (position * 0xD6E8FEB86659FD93L) ^ (age * 0x2545F491L);
    return (byte) (((x ^ (x >>> 29)) * 0xBF58476D1CE4E5B9L) >>> 48);
  }

  /** {@return a whole block as it should be} */
  static byte[] block(int slot, long bytes, int age) {
    byte[] block = new byte[Math.toIntExact(bytes)];
    for (int i = 0; i < block.length; i++) {
      block[i] = pattern(slot, i, age);
    }
    return block;
  }

  /** Fills the memory of every block, {@code from} its byte on. */
  HostMemory fill(long from, long bytes, int age) {
    for (int i = 0; i < slots.length; i++) {
      MemorySegment.copy(
          block(slots[i], blockBytes, age), Math.toIntExact(from), memory, ValueLayout.JAVA_BYTE,
          i * stride(), Math.toIntExact(bytes));
    }
    return this;
  }

  HostMemory fill(int age) {
    return fill(0, blockBytes, age);
  }

  BlockBatch batch() {
    long[] offsets = new long[slots.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * stride();
    }
    return BlockBatch.of(memory, offsets, slots, new long[2 * slots.length], blockBytes);
  }

  /**
   * Checks that block {@code index} holds a range of its pattern, and nothing beyond it changed.
   */
  void check(int index, long from, long bytes, int age) {
    byte[] whole = block(slots[index], blockBytes, age);
    byte[] expected = new byte[Math.toIntExact(stride())];
    Arrays.fill(expected, GUARD);
    System.arraycopy(whole, Math.toIntExact(from), expected, 0, Math.toIntExact(bytes));
    long at = memory(index).mismatch(MemorySegment.ofArray(expected));
    assertEquals(-1, at, () -> "slot %d differs at byte %d".formatted(slots[index], at));
  }

  void check(int age) {
    for (int i = 0; i < slots.length; i++) {
      check(i, 0, blockBytes, age);
    }
  }

  MemorySegment memory(int index) {
    return memory.asSlice(index * stride(), stride());
  }

  @Override
  public void close() {
    arena.close();
  }

  private long stride() {
    return (blockBytes + 4095) / 4096 * 4096 + 4096;
  }
}
