package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
  @Test
  void stripesSlotsOverDirectories() {
    var layout = new Layout(10, 4096, 2, Integer.MAX_VALUE);
    assertEquals(1, layout.file(7));
    assertEquals(3 * 4096, layout.position(7));
    assertEquals(5, layout.slotsIn(0));
    assertEquals(5, layout.slotsIn(1));
  }

  /**
   * FlexKV's case 25: block 7 of 2 devices with 3 files each is the fourth of device 1. FlexKV
   * spreads a device's blocks over its files, and so has it in file 0 at 1; here a device fills one
   * file after the other, since files of one device bring nothing in parallel.
   */
  @Test
  void case25Block7OfTwoDevices() {
    var layout = new Layout(12, 4096, 2, 2);
    assertEquals(3, layout.filesPerDirectory());
    assertEquals(1, layout.file(7) / 3, "device");
    assertEquals(1, layout.file(7) % 3, "file, of 2 blocks each");
    assertEquals(4096, layout.position(7));
  }

  @Test
  void fillsOneFileAfterTheOther() {
    var layout = new Layout(11, 4096, 2, 3);
    assertEquals(2, layout.filesPerDirectory());
    assertEquals(3, layout.file(7));
    assertEquals(0, layout.position(7));
    assertEquals(3 * 4096, layout.fileBytes(0, 1));
    assertEquals(2 * 4096, layout.fileBytes(1, 1));
  }

  @Test
  void countsBeyondTwoGibibytes() {
    var layout = new Layout(Integer.MAX_VALUE, 1L << 30, 1, Integer.MAX_VALUE);
    assertEquals((Integer.MAX_VALUE - 1L) << 30, layout.position(Integer.MAX_VALUE - 1));
    assertEquals((long) Integer.MAX_VALUE << 30, layout.fileBytes(0, 0));
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "7,3,1", "7,3,2", "8,8,5", "3,5,1", "100,4,7", "64,1,64"})
  void givesEverySlotAPlaceOfItsOwnWithinItsFile(int slots, int directories, int slotsPerFile) {
    var layout = new Layout(slots, 512, directories, slotsPerFile);
    var places = new HashSet<String>();
    long total = 0;
    for (int directory = 0; directory < directories; directory++) {
      for (int i = 0; i < layout.filesPerDirectory(); i++) {
        total += layout.fileBytes(directory, i);
      }
    }
    for (int slot = 0; slot < slots; slot++) {
      int file = layout.file(slot);
      int perDirectory = layout.filesPerDirectory();
      assertEquals(slot % directories, file / perDirectory);
      assertTrue(
          layout.position(slot) + 512 <= layout
              .fileBytes(file / perDirectory, file % perDirectory));
      assertTrue(places.add(file + ":" + layout.position(slot)));
    }
    assertEquals(512L * slots, total);
  }
}
