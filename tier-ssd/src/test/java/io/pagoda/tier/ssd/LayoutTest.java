package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
    assertEquals(3, layout.filesIn(1));
    assertEquals(1, layout.file(7) / 3, "device");
    assertEquals(1, layout.file(7) % 3, "file, of 2 blocks each");
    assertEquals(4096, layout.position(7));
  }

  @Test
  void fillsOneFileAfterTheOther() {
    var layout = new Layout(11, 4096, 2, 3);
    assertEquals(2, layout.filesIn(0));
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
    expectPlaces(new Layout(slots, 512, directories, slotsPerFile));
  }

  @Test
  void givesSlotsOfDevicesOfAnySizePlacesOfTheirOwn() {
    expectPlaces(new Layout(Striping.of(1, 40, 7, 0, 20), 512, 6));
    expectPlaces(new Layout(Striping.of(3, 2000), 512, Integer.MAX_VALUE));
  }

  private static void expectPlaces(Layout layout) {
    var places = new HashSet<String>();
    List<Long> lengths = new ArrayList<>();
    for (int directory = 0; directory < layout.directories(); directory++) {
      assertEquals(lengths.size(), layout.firstFile(directory));
      for (int i = 0; i < layout.filesIn(directory); i++) {
        lengths.add(layout.fileBytes(directory, i));
      }
    }
    for (int slot = 0; slot < layout.slots(); slot++) {
      assertTrue(layout.position(slot) + 512 <= lengths.get(layout.file(slot)));
      assertTrue(places.add(layout.file(slot) + ":" + layout.position(slot)));
    }
    assertEquals(512L * layout.slots(), lengths.stream().mapToLong(Long::longValue).sum());
  }
}
