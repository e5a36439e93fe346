package io.pagoda.node.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.DeviceFlow;
import io.pagoda.StoreStatistics.Hop;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TextTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
  private final AtomicLong now = new AtomicLong();

  private String written() {
    return written.toString(StandardCharsets.UTF_8);
  }

  @Test
  void numbersHaveUnitsAndSeparators() {
    assertEquals("1,234,567", Numbers.count(1_234_567));
    assertEquals("21.1 %", Numbers.percent(0.2112));
    assertEquals("4.4 GiB", Numbers.bytes(4_725_000_000L));
    assertEquals("-", Numbers.rate(0));
    assertEquals("3.25 GB/s", Numbers.rate(3.25));
    assertEquals("0.4 µs", Numbers.micros(0.44));
    assertEquals("1.50 ms", Numbers.micros(1_500));
    assertEquals("2.00 s", Numbers.micros(2_000_000));
    assertEquals("59.9 s", Numbers.seconds(59.9));
    assertEquals("1 min 05 s", Numbers.seconds(65));
    assertEquals("1 h 01 min", Numbers.seconds(3_661));
  }

  @Test
  void columnsLineUp() {
    String table = Table.ofNumbers()
        .row("", "blocks", "GB/s")
        .row("cpu", "1,000")
        .row("x", "7", "2.0")
        .toString();
    assertEquals("        blocks   GB/s\n  cpu    1,000\n  x          7    2.0", table);
  }

  private static Tier tier(String name, long slots, long used) {
    return new Tier(name, Map.of(TierCount.SLOTS, slots, TierCount.USED, used));
  }

  private static Hop hop(String from, String to, long blocks, long bytes, long busyNanos) {
    return new Hop(
        from, to,
        Map.of(HopCount.BLOCKS, blocks, HopCount.BYTES, bytes, HopCount.BUSY_NANOS, busyNanos));
  }

  @Test
  void picturesShowTiersAndRoads() {
    var store = new StoreStatistics(
        List.of(tier("cpu", 100, 100), tier("ssd", 1000, 250)),
        List.of(
            hop("engine", "cpu", 1_000, 2_000_000, 1_000_000), hop("cpu", "engine", 10, 0, 0),
            hop("cpu", "ssd", 300, 600_000, 300_000), hop("ssd", "cpu", 50, 100_000, 200_000)),
        new StoreStatistics.Jobs(Map.of()));
    assertEquals(
        """
            +- engine ---------------------------------------------------+
            | the pools that inference engines registered                |
            +------------------------------------------------------------+
                 ^ -                          | 2.00 GB/s
                 | 10 blocks                  v 1,000 blocks
            +- cpu ------------------------------------------------------+
            | ######################################## 100.0 %           |
            | 100 of 100 blocks | 400 KiB of 400 KiB                     |
            +------------------------------------------------------------+
                 ^ 0.50 GB/s                  | 2.00 GB/s
                 | 50 blocks                  v 300 blocks
            +- ssd ------------------------------------------------------+
            | ##########..............................  25.0 %           |
            | 250 of 1,000 blocks | 1000 KiB of 3.9 MiB                  |
            +------------------------------------------------------------+""",
        Glyphs.ASCII.fit(new TierPicture(Glyphs.ASCII, store, 4096).text())
            .replaceFirst("^  ", "")
            .replace("\n  ", "\n"));
  }

  @Test
  void devicesTellEachWayToCopy() {
    var in = new DeviceFlow("GPU-1", "staged", true, 3, 3L << 30, 100_000_000);
    var out = new DeviceFlow("GPU-1", "copy-engine", false, 1, 1L << 20, 0);
    List<String> rows =
        DeviceFlows.table(List.of(in, out)).toString().lines().map(String::strip).toList();
    assertEquals(3, rows.size());
    assertEquals(
        "GPU-1 staged in %s 32.21 GB/s 3".formatted(Numbers.bytes(3L << 30)),
        rows.get(1).replaceAll(" +", " "));
    assertEquals(
        "GPU-1 copy-engine out %s - 1".formatted(Numbers.bytes(1L << 20)),
        rows.get(2).replaceAll(" +", " "));
  }

  @Test
  void glyphsFitTheCharacterSet() {
    assertEquals(Glyphs.ASCII, Glyphs.of(StandardCharsets.US_ASCII));
    assertEquals(Glyphs.UNICODE, Glyphs.of(StandardCharsets.UTF_8));
    assertEquals("5 us | a -> b", Glyphs.ASCII.fit("5 µs · a → b"));
  }

  @Test
  void aLogGetsALineEveryFiveSeconds() {
    Progress lines = new ProgressLines(out, now::get);
    for (int second = 1; second <= 10; second++) {
      now.set(second * 1_000_000_000L);
      lines.at(second / 20.0, () -> "half");
    }
    lines.done();
    assertEquals(" 25 %  half, 15.0 s left\n 50 %  half, 10.0 s left\n", written());
  }

  @Test
  void aBarIsDrawnOverItselfAndLeavesNothing() {
    Progress bar = new ProgressBar(out, Glyphs.ASCII, now::get);
    now.set(1_000_000_000L);
    bar.at(0.5, () -> "half");
    bar.at(0.6, () -> "too soon");
    bar.done();
    assertEquals(
        "\r\u001b[K  ###############...............  50 %  half, 1.0 s left\r\u001b[K", written());
  }
}
