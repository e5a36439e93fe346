package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NvtxTest {
  @Test
  void aLibraryThatIsNotThereShowsNothing() {
    try (Arena arena = Arena.ofShared()) {
      assertTrue(NvtxNative.find(List.of("libno-such-thing.so.1"), arena).isEmpty());
      assertTrue(NvtxNative.find(List.of("libc.so.6"), arena).isEmpty(), "it has other functions");
      var ranges = new Ranges(Optional.empty(), true, arena);
      assertEquals(0, ranges.start(CopyPath.STAGED));
      ranges.end(0);
    }
  }

  @Test
  void aLibraryThatIsThereIsToldOfEveryRange() {
    try (Arena arena = Arena.ofShared()) {
      Optional<NvtxNative> found = NvtxNative.find(arena);
      String described = NvtxNative.described();
      assertEquals(
          found.map(nvtx -> "by " + nvtx.library)
              .orElse("none: no libnvtx3interop.so.1 and no libnvToolsExt.so.1 on this machine"),
          described);
      var ranges = new Ranges(found, false, arena);
      ranges.end(ranges.start(CopyPath.KERNEL));
    }
  }
}
