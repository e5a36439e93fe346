package io.pagoda.node.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The flexible I/O tester, as a yardstick: random reads or writes of a file through io_uring, past
 * the page cache.
 *
 * @param program where it is
 */
record Fio(Path program) {
  /** The hub's pages are there already; fio touches its own first, which is not to count. */
  private static final int RAMP_MILLIS = 300;

  private static final long TOUCHED_PER_MILLI = 1 << 20;

  /** {@return the one that this process would run, or nothing if there is none} */
  static Optional<Fio> find() {
    return List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .stream()
        .map(directory -> Path.of(directory, "fio"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Fio::new);
  }

  /**
   * Moves pieces of a file for a while.
   *
   * @param file with all its bytes written before, for what never was is read without the disk
   * @param bytes how many of them take part, from the first
   * @param seed of the order
   * @throws IOException if it cannot be run, or says that it failed
   */
  Flow run(TierCase what, Path file, long bytes, double seconds, int seed) throws IOException {
    ProcessBuilder command = new ProcessBuilder(command(what, file, bytes, seconds, seed));
    // The hub has huge pages where the kernel has them; without them fio would be a third slower.
    command.environment().put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    Process fio = command.redirectErrorStream(true).start();
    fio.getOutputStream().close();
    String said = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (fio.waitFor() != 0 || said.indexOf('{') < 0) {
        throw new IOException("%s failed with %d: %s".formatted(program, fio.exitValue(), said));
      }
    } catch (InterruptedException e) {
      fio.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return flow(said.substring(said.indexOf('{')), what.write() ? "write" : "read");
  }

  private List<String> command(TierCase what, Path file, long bytes, double seconds, int seed) {
    return List.of(
        program.toString(), "--name=pagoda", "--output-format=json",
        // A colon would separate names of files.
        "--filename=" + file.toAbsolutePath().toString().replace(":", "\\:"), "--size=" + bytes,
        "--allow_file_create=0", "--fallocate=none", "--invalidate=0",
        "--rw=" + (what.write() ? "randwrite" : "randread"), "--bs=" + what.pieceBytes(),
        "--iodepth=" + what.depth(), "--ioengine=io_uring", "--direct=1", "--randseed=" + seed,
        // What it writes is made once: its buffers cost it nothing during the run.
        "--scramble_buffers=0", "--ramp_time=" + ramp(what) + "ms", "--time_based",
        "--runtime=" + Math.round(seconds * 1e3) + "ms");
  }

  private static long ramp(TierCase what) {
    return RAMP_MILLIS + what.depth() * what.pieceBytes() / TOUCHED_PER_MILLI;
  }

  /** Reads the figures of the only job. */
  static Flow flow(String json, String way) throws IOException {
    Map<String, Double> figures = figures(json);
    String moved = "jobs." + way + ".";
    long bytes = (long) figure(figures, moved + "io_bytes");
    double share = (figure(figures, "jobs.usr_cpu") + figure(figures, "jobs.sys_cpu")) / 100;
    double cpuSeconds = share * figure(figures, "jobs.job_runtime") / 1e3;
    return new Flow(bytes, figure(figures, moved + "runtime") / 1e3, Flow.Cpu.of(cpuSeconds), 0);
  }

  private static double figure(Map<String, Double> figures, String name) throws IOException {
    Double figure = figures.get(name);
    if (figure == null) {
      throw new IOException("fio's report has no " + name + "; it should be of version 3");
    }
    return figure;
  }

  /** Returns every number of a document by its names from the root, joined by dots. */
  private static Map<String, Double> figures(String json) throws IOException {
    Map<String, Double> figures = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isNumeric()) {
          String name = parser.getParsingContext().pathAsPointer().toString();
          figures.put(
              name.substring(1).replace('/', '.').replaceAll("\\.\\d+(?=\\.)", ""),
              parser.getDoubleValue());
        }
      }
    }
    return figures;
  }
}
