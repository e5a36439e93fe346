package io.pagoda.examples.cases;

import io.pagoda.Descriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Stretches of memory with guards around each, which nobody may touch. */
final class Guarded implements AutoCloseable {
  private static final byte GUARD = -1;

  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> guards = new ArrayList<>();
  private final List<MemorySegment> stretches = new ArrayList<>();

  Guarded(long guard, long... sizes) {
    for (long size : sizes) {
      MemorySegment whole = arena.allocate(size + 2 * guard, 64);
      guards.add(whole.asSlice(0, guard).fill(GUARD));
      stretches.add(whole.asSlice(guard, size));
      guards.add(whole.asSlice(guard + size, guard).fill(GUARD));
    }
  }

  List<Descriptor> descriptors() {
    return stretches.stream().map(Descriptor::of).toList();
  }

  MemorySegment first() {
    return stretches.getFirst();
  }

  /** {@return the first byte, whoever writes it} */
  byte firstByte() {
    return byteAt(0);
  }

  byte byteAt(long offset) {
    return (byte) BYTE.getVolatile(first(), offset);
  }

  Guarded fill(long seed) {
    for (int i = 0; i < stretches.size(); i++) {
      Words.fill(stretches.get(i), seed + i);
    }
    return this;
  }

  /** {@return what is wrong with the bytes, or nothing} */
  String wrong(long seed) {
    for (int i = 0; i < stretches.size(); i++) {
      long at = Words.mismatch(stretches.get(i), seed + i);
      if (at >= 0) {
        return "stretch %d differs at %d".formatted(i, at);
      }
    }
    return guards.stream().allMatch(one -> Words.all(one, GUARD)) ? "" : "a guard was touched";
  }

  /** {@return whether nothing was ever written to the stretches} */
  boolean untouched() {
    return stretches.stream().allMatch(one -> Words.all(one, (byte) 0));
  }

  static long[] sizes(String list) {
    return Arrays.stream(list.split(",")).mapToLong(Long::parseLong).toArray();
  }

  @Override
  public void close() {
    arena.close();
  }
}
