package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.RemoteBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What perftest says is read, and a table stands beside what others have published. */
class PerftestTest {
  @Test
  void theLineOfTheSizeIsRead() throws IOException {
    String said = """
        ---------------------------------------------------------------
                            RDMA_Write BW Test
         Number of qps   : 1            Transport type : IB
         #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]   MsgRate[Mpps]
         65536      1024             200.00             100.00             0.001600
        ---------------------------------------------------------------
        """;
    Perftest.Rates rates = Perftest.parse(said, 65_536);
    assertEquals(0.2097152, rates.best(), 1e-9);
    assertEquals(0.1048576, rates.average(), 1e-9);
    assertThrows(IOException.class, () -> Perftest.parse(said, 4_096));
  }

  @Test
  void aTurnThatDoesNotEndIsEndedAndSaysWhatToLookAt(@TempDir Path directory) throws Exception {
    Path told = directory.resolve("processes");
    Path program = Files.writeString(
        directory.resolve("ib_write_bw"),
        "#!/bin/sh\necho $$ >> '%s'\necho here I hang\nexec sleep 3600\n".formatted(told));
    assertTrue(program.toFile().setExecutable(true));
    Perftest perftest = new Perftest(directory, "mlx5_7", "10.0.0.9", Duration.ofSeconds(6));
    IOException stuck =
        assertThrows(IOException.class, () -> perftest.rates(RemoteBatch.Direction.WRITE, 65_536));
    for (String part : List.of(
        "ib_write_bw -d mlx5_7", "within 6 s", "ibv_devinfo -d mlx5_7", "10.0.0.9 can be reached",
        "ss -ltnp")) {
      assertTrue(String.valueOf(stuck.getMessage()).contains(part), stuck::toString);
    }
    for (String process : Files.readAllLines(told)) {
      var left = ProcessHandle.of(Long.parseLong(process));
      if (left.isPresent()) {
        left.get().onExit().get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void theTableTellsWhatWasNotMeasured() {
    BenchResult write = new BenchResult(
        "transport.write", Map.of("block", BenchResult.size(64 << 10)), OptionalDouble.empty(),
        OptionalDouble.of(40), OptionalDouble.empty(), Map.of("perftest_gb_per_s", 43.0));
    String table = PublishedRates.beside(List.of(write));
    for (String part : List.of("64KiB", "44.46 GB/s", "38.39 GB/s", "not measured here")) {
      assertTrue(table.contains(part), table);
    }
    assertEquals("", PublishedRates.beside(List.of()));
  }
}
