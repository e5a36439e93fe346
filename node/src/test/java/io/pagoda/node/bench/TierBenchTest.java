package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TierBenchTest {
  private static final TierCase READ = new TierCase(1 << 20, 1 << 20, 8, false);

  @TempDir private Path directory;

  @Test
  void comparesRoundByRound() {
    var ours = List.of(flow(2, 0.25), flow(3, 0.5), flow(8, 1));
    var theirs = List.of(flow(1, 0.5), flow(2, 0.5), flow(16, 0.25));
    BenchResult result = TierBench.result("ssd", READ, ours, theirs, 0);
    assertEquals(3, result.gigabytesPerSecond().orElseThrow());
    assertEquals(1.5, result.ratio().orElseThrow());
    assertEquals(0.5, result.further().get("ratio_min"));
    assertEquals(2, result.further().get("ratio_max"));
    assertEquals(0.5, result.further().get("cpu_s_per_gb"));
    assertEquals(0.5, result.further().get("fio_cpu_s_per_gb"));
    assertTrue(result.passed());
    assertFalse(TierBench.result("ssd", READ, ours, theirs, 1).passed());
    String text = new TierText(List.of(result)).text();
    assertTrue(text.contains("0.500..2.000"), text);
  }

  @Test
  void aTurnIsLongEnoughForWhatIsUnderWayToChangeTenTimes() {
    assertEquals(1, READ.turnSeconds(1));
    assertEquals(5.37, new TierCase(8 << 20, 8 << 20, 128, true).turnSeconds(1), 0.01);
  }

  /** So many GB in one second, for so many seconds of CPU each. */
  private static Flow flow(long gigabytes, double cpuPerGigabyte) {
    return new Flow(gigabytes * 1_000_000_000, 1, Flow.Cpu.of(gigabytes * cpuPerGigabyte), 0);
  }

  @Test
  void showsWhatPagodaDoesAlone() {
    BenchResult result = TierBench.result("ssd", READ, List.of(flow(2, 1)), List.of(), 0);
    assertTrue(result.ratio().isEmpty());
    assertFalse(result.further().containsKey("fio_gb_per_s"));
    String text = new TierText(List.of(result)).text();
    assertTrue(text.contains("2.00 GB/s"), text);
  }

  @Test
  void readsFiosReport() throws IOException {
    String report = """
        { "fio version" : "fio-3.33", "jobs" : [ { "jobname" : "pagoda", "error" : 0,
          "read" : { "io_bytes" : 3000000000, "runtime" : 1500,
            "clat_ns" : { "percentile" : { "1.000000" : 7 } } },
          "write" : { "io_bytes" : 5, "runtime" : 1000 },
          "job_runtime" : 1600, "usr_cpu" : 2.5, "sys_cpu" : 10.0 } ] }
        """;
    Flow read = Fio.flow(report, "read");
    assertEquals(2, read.rate(), 1e-9);
    assertEquals(0.2 / 3, read.perGigabyte(read.cpu().total()), 1e-9);
    assertEquals(5, Fio.flow(report, "write").bytes());
    assertThrows(IOException.class, () -> Fio.flow("{}", "read"));
  }

  @Test
  void fioTellsWhyItFailed() throws IOException {
    Optional<Fio> fio = Fio.find();
    assumeTrue(fio.isPresent(), "fio is not installed");
    Path missing = directory.resolve("missing");
    var failure =
        assertThrows(IOException.class, () -> fio.get().run(READ, missing, 1 << 20, 0.01, 1));
    assertTrue(String.valueOf(failure.getMessage()).contains("missing"), failure::getMessage);
  }

  /** Somebody else's bytes in one slot: the reads must not count as right. */
  @Test
  void noticesWrongBytes() throws IOException {
    var what = new TierCase(128 << 10, 64 << 10, 2, false);
    try (var checksums = Executors.newSingleThreadExecutor();
        var set = TierSet.open(
            "ssd", Optional.empty(), directory,
            new TierSet.Shape(4, what.blockBytes(), 64 << 10, 10))) {
      assertEquals(0, TierLoad.run(set, what, checksums, 0.05, 1).wrongBytes());
      try (var file =
          Files.newByteChannel(TierSet.file(directory), java.nio.file.StandardOpenOption.WRITE)) {
        file.position(200_000).write(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3}));
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (TierLoad.run(set, what, checksums, 0.05, 1).wrongBytes() < 64 << 10) {
        // it may have had no time to read that slot
        assertTrue(System.nanoTime() < deadline, "nobody notices");
      }
    }
  }

  @Test
  void measuresEveryCaseAndLeavesNothing() throws IOException {
    var bench = new TierBench(
        "ssd", Optional.empty(), List.of(64L << 10, 128L << 10), List.of(2), 1, 0.05, 4 << 20,
        true);
    List<BenchResult> results = bench.run(directory, _ -> {});
    assertEquals(2 + 3, results.size());
    for (BenchResult result : results) {
      assertTrue(result.passed(), result::toString);
      assertTrue(result.gigabytesPerSecond().orElseThrow() > 0, result::toString);
      assertEquals(Fio.find().isPresent(), result.ratio().isPresent());
    }
    try (Stream<Path> files = Files.walk(directory)) {
      assertEquals(List.of(), files.filter(file -> file.toString().contains("slots-")).toList());
    }
  }
}
