package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long it takes to find a million blocks. */
class RecordScanTest {
  private static final int SLOTS = 1_000_000;

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "32, 1", "48, 1"})
  void findsAMillionBlocksSoon(int checksums, int directories, @TempDir Path root)
      throws IOException {
    List<Path> places =
        IntStream.range(0, directories).mapToObj(i -> root.resolve("d" + i)).toList();
    var settings =
        new SsdSettings(places, SLOTS, 4096, Integer.MAX_VALUE, 8, Engine.AUTO, true, false)
            .keeping(Durability.CRASH, OnMismatch.REFUSE);
    var shape = new SealShape(checksums, 1);
    recovered(settings, shape);
    for (int i = 0; i < directories; i++) {
      writeRecords(settings, shape, i);
    }
    long[] best = {Long.MAX_VALUE, 0, 0};
    for (int round = 0; round < 3; round++) {
      long[] took = recovered(settings, shape);
      best = took[0] < best[0] ? took : best;
    }
    assertEquals(SLOTS, best[1]);
    assertEquals(SLOTS * (SLOTS - 1L) / 2, best[2]);
    System.out.printf(
        "recovered %,d records of %d bytes in %d directories in %d ms%n", SLOTS,
        RecordFormat.bytes(checksums), directories, best[0] / 1_000_000);
    assertTrue(best[0] < 60_000_000_000L, "that is too slow");
  }

  /** {@return nanoseconds, blocks, and the sum of their slots} */
  private static long[] recovered(SsdSettings settings, SealShape shape) {
    try (var tier = SsdTier.open(settings, "scan")) {
      long[] sums = new long[3];
      long start = System.nanoTime();
      tier.ability(Recoverable.class)
          .orElseThrow()
          .recover(shape, (slot, generation, high, low, seals) -> {
            if (high != Vault.mix(slot)
                || low != slot
                || generation != slot + 1L
                || seals.checksum(0, shape.checksums() - 1) != slot) {
              throw new AssertionError("slot " + slot);
            }
            sums[1]++;
            sums[2] += slot;
          });
      sums[0] = System.nanoTime() - start;
      return sums;
    }
  }

  private static void writeRecords(SsdSettings settings, SealShape shape, int directory)
      throws IOException {
    var layout = settings.layout();
    Path place = settings.directories().get(directory);
    var tier = superblock(place).tier();
    var format = new RecordFormat(tier, settings.blockBytes(), shape.checksums());
    int bytes = Math.toIntExact(format.fileBytes(layout.slotsIn(directory)));
    ByteBuffer all = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try (var arena = Arena.ofConfined();
        var file =
            FileChannel.open(place.resolve(SlotDirectory.RECORDS), StandardOpenOption.WRITE)) {
      var memory = arena.allocate(settings.blockBytes());
      for (int i = 0; i < layout.slotsIn(directory); i++) {
        int slot = layout.slot(directory, i);
        int[] sums = new int[shape.checksums()];
        java.util.Arrays.fill(sums, slot);
        var batch =
            BlockBatch
                .of(
                    memory, new long[1], new int[] {slot}, new long[] {Vault.mix(slot), slot},
                    settings.blockBytes())
                .sealed(new Seals(new long[2], sums, shape.checksums()));
        format.write(all, (int) format.position(i), 1, slot + 1L, batch, 0);
      }
      file.write(all.clear());
    }
  }

  private static Superblock superblock(Path place) throws IOException {
    try {
      return Superblock.read(place).orElseThrow();
    } catch (Superblock.DamagedException e) {
      throw new IOException(e);
    }
  }
}
