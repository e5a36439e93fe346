package io.pagoda.remote.objects;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of an object, and where its bytes are.
 *
 * @param first its first byte within the object
 * @param memory native memory, one part after the other
 */
record Stretch(long first, List<MemorySegment> memory) {
  /** {@return how many bytes it has} */
  long bytes() {
    return memory.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  /** Cuts it into stretches of so many bytes each, but for the last. */
  List<Stretch> cut(long bytes) {
    return cut(memory, bytes).stream()
        .map(each -> new Stretch(first + each.first, each.memory))
        .toList();
  }

  /** Cuts an object into stretches of so many bytes each, but for the last. */
  static List<Stretch> cut(List<MemorySegment> object, long bytes) {
    List<Stretch> stretches = new ArrayList<>();
    long total = object.stream().mapToLong(MemorySegment::byteSize).sum();
    for (long at = 0; at < total; at += bytes) {
      stretches.add(new Stretch(at, slice(object, at, Math.min(total, at + bytes))));
    }
    return stretches;
  }

  private static List<MemorySegment> slice(List<MemorySegment> object, long from, long to) {
    List<MemorySegment> slices = new ArrayList<>();
    long at = 0;
    for (MemorySegment each : object) {
      long begin = Math.max(from, at) - at;
      long end = Math.min(to, at + each.byteSize()) - at;
      if (begin < end) {
        slices.add(each.asSlice(begin, end - begin));
      }
      at += each.byteSize();
    }
    return slices;
  }
}
