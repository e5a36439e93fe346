package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many blocks a launch copies: an argument with room for all takes twice the time. */
class BatchesTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "48, 48", "49, 48", "72, 48", "73, 73", "224, 224", "4096, 224"})
  void fewerThanThereIsRoomForWhereThatIsQuicker(int room, int each) {
    assertEquals(each, Batches.each(room));
  }
}
