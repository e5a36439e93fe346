package io.pagoda.node.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PatternTest {
  private static final long HIGH = 7;
  private static final long LOW = 11;
  private static final int BLOCK_BYTES = 3 * 8192 + 24;

  private final Pattern pattern = new Pattern();

  private MemorySegment block(long high, long low) {
    MemorySegment block = MemorySegment.ofArray(new byte[BLOCK_BYTES]);
    pattern.fill(high, low, 0, block);
    return block;
  }

  @Test
  void whatItWroteIsRight() {
    assertEquals(-1, pattern.mismatch(HIGH, LOW, 0, block(HIGH, LOW)));
  }

  @Test
  void everyFlippedBitIsFoundWhereItIs() {
    MemorySegment block = block(HIGH, LOW);
    for (int at = 0; at < BLOCK_BYTES; at++) {
      byte right = block.get(ValueLayout.JAVA_BYTE, at);
      block.set(ValueLayout.JAVA_BYTE, at, (byte) (right ^ 1 << at % 8));
      assertEquals(at, pattern.mismatch(HIGH, LOW, 0, block));
      block.set(ValueLayout.JAVA_BYTE, at, right);
    }
  }

  @Test
  void anotherKeyIsFoundAtOnce() {
    for (int bit = 0; bit < 64; bit++) {
      assertFoundWithin(16, block(HIGH ^ 1L << bit, LOW));
      assertFoundWithin(16, block(HIGH, LOW ^ 1L << bit));
    }
    assertFoundWithin(16, block(LOW, HIGH));
  }

  private void assertFoundWithin(long bytes, MemorySegment wrong) {
    long at = pattern.mismatch(HIGH, LOW, 0, wrong);
    assertEquals(true, at >= 0 && at < bytes, () -> "first found at " + at);
  }

  @Test
  void everyShiftIsFound() {
    MemorySegment block = block(HIGH, LOW);
    for (long shift = 1; shift < BLOCK_BYTES - 16; shift++) {
      MemorySegment shifted = block.asSlice(shift);
      assertNotEquals(-1, pattern.mismatch(HIGH, LOW, 0, shifted), "shifted by " + shift);
    }
  }

  @Test
  void partsInAnyOrderMakeTheWhole() {
    SplittableRandom random = new SplittableRandom(Long.getLong("pagoda.seed", 1));
    MemorySegment whole = block(HIGH, LOW);
    for (int i = 0; i < 2_000; i++) {
      int from = random.nextInt(BLOCK_BYTES);
      int to = random.nextInt(from, BLOCK_BYTES) + 1;
      MemorySegment part = MemorySegment.ofArray(new byte[to - from]);
      pattern.fill(HIGH, LOW, from, part);
      assertEquals(-1, part.mismatch(whole.asSlice(from, to - from)), from + " to " + to);
      assertEquals(-1, pattern.mismatch(HIGH, LOW, from, part), from + " to " + to);
    }
  }
}
