package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.SettingsException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much device memory blocks may be put together in. */
class CudaSettingsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 4096, (4 << 20) - 1})
  void tooLittleIsRefusedWithWhereItStands(long bytes) {
    var refused = assertThrows(
        SettingsException.class, () -> CudaSettings.staging(new ByteSize(bytes), "pagoda.conf: 7"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("pagoda.conf: 7: "), message);
    assertTrue(message.contains("at least 4 MiB"), message);
  }

  @Test
  void noneAndEnoughAreTakenAndStagesAreAligned() {
    assertEquals(0, CudaSettings.staging(new ByteSize(0), "here"));
    assertEquals(4 << 20, CudaSettings.staging(ByteSize.ofMebibytes(4), "here"));
    assertEquals(8 << 20, CudaSettings.staging(new ByteSize((8 << 20) + 1023), "here"));
  }

  @Test
  void aViewReachesOverSomething() {
    assertThrows(IllegalArgumentException.class, () -> View.windows(List.of(), 0));
  }
}
