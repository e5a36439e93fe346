package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.PagodaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of another process's memory may be opened. */
class CudaMemoryTest {
  private static final long ROOM = 1 << 20;

  @ParameterizedTest
  @CsvSource({"0, 1048576", "4096, 1044480", "1048576, 0", "1048575, 1"})
  void whatLiesWithinTheAllocationIsOpened(long offset, long bytes) {
    assertDoesNotThrow(() -> CudaMemory.checkWithin(offset, bytes, ROOM));
  }

  @ParameterizedTest
  @CsvSource({"0, 1048577", "4096, 1048576", "1048577, 0", "-1, 1", "1, -1",
    "9223372036854775807, 1", "1, 9223372036854775807", "9223372036854775807, 9223372036854775807"})
  void whatReachesOverItIsRefused(long offset, long bytes) {
    assertThrows(PagodaException.class, () -> CudaMemory.checkWithin(offset, bytes, ROOM));
  }

  @Test
  void theRefusalSaysWhatIsThereAndWhatWasAskedFor() {
    var refused =
        assertThrows(PagodaException.class, () -> CudaMemory.checkWithin(4096, 2 << 20, ROOM));
    assertEquals(
        "The handle stands for 1 MiB (1048576 bytes), which has no 2097152 bytes from byte 4096 on",
        refused.getMessage());
  }
}
