package io.pagoda.node.bench;

import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * {@code ib_write_bw} and {@code ib_read_bw} of perftest, both ends on one device of this machine,
 * as a yardstick.
 *
 * @param directory where the programs are
 * @param device which, such as {@code mlx5_0}
 * @param host an address of the device
 * @param patience how long one turn may take
 */
record Perftest(Path directory, String device, String host, Duration patience) {
  private static final double MEBIBYTE = 1 << 20;
  /** Bytes of one turn, at least, and requests. */
  private static final long TURN_BYTES = 256L << 20;

  private static final int LEAST_REQUESTS = 1_024;
  private static final int MOST_REQUESTS = 100_000;

  /** In a list as a transport posts them; perftest takes no 1,538. */
  private static final List<String> AS_LISTS = List.of("-l", "64", "-t", "512", "-Q", "64");

  /** A turn moves up to 16 GiB, also on a device of 100 MB/s. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** How often its first end is looked for by the other. */
  private static final int ATTEMPTS = 50;

  /** What it measured, in 10<sup>9</sup> bytes per second. */
  record Rates(double best, double average) {}

  /**
   * {@return the programs that this process would run on the device of a link, or nothing}
   *
   * @param link by RDMA, whose road begins with the device
   */
  static Optional<Perftest> along(Link link, PeerMetadata peer) {
    String detail = link.path().detail();
    String address = peer.address();
    String host = address.substring(0, address.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    return find(detail.substring(0, detail.indexOf(',')), host);
  }

  private static Optional<Perftest> find(String device, String host) {
    return List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .stream()
        .map(Path::of)
        .filter(directory -> Files.isExecutable(directory.resolve("ib_write_bw")))
        .findFirst()
        .map(directory -> new Perftest(directory, device, host, PATIENCE));
  }

  /** Moves blocks of one size for a while. */
  Rates rates(Direction direction, long size) throws IOException {
    Process server = new ProcessBuilder(command(direction, size)).redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    try {
      return client(server, direction, size);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      server.destroyForcibly();
    }
  }

  private Rates client(Process server, Direction direction, long size)
      throws IOException, InterruptedException {
    List<String> command = command(direction, size);
    command.add(host);
    String said = "";
    for (int i = 0; i < ATTEMPTS && server.isAlive(); i++) {
      Ended ended = run(command);
      said = ended.said();
      if (ended.code() == 0) {
        return parse(said, size);
      }
      var _ = server.waitFor(100, TimeUnit.MILLISECONDS); // it ends only if it cannot be
    }
    throw new IOException("%s failed: %s".formatted(String.join(" ", command), said.strip()));
  }

  /** How a program has ended. */
  private record Ended(int code, String said) {}

  /** Runs a program whose end may never come, and ends it. */
  private Ended run(List<String> command) throws IOException, InterruptedException {
    Path said = Files.createTempFile("perftest", ".txt");
    try {
      Process client = new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(said.toFile())
          .start();
      try {
        client.getOutputStream().close();
        if (!client.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
          throw new IOException(stuck(command, Files.readString(said)));
        }
        return new Ended(client.exitValue(), Files.readString(said));
      } finally {
        client.destroyForcibly();
      }
    } finally {
      Files.deleteIfExists(said);
    }
  }

  private String stuck(List<String> command, String said) {
    return ("%s has not ended within %d s, and was ended. Look whether the port of %s is active"
        + " (ibv_devinfo -d %3$s), and whether %s can be reached at TCP port 18515, where both ends"
        + " meet: another perftest may have it (ss -ltnp). Without perftest on the PATH nothing is"
        + " compared with it. It has said: %s")
        .formatted(String.join(" ", command), patience.toSeconds(), device, host, said.strip());
  }

  /** Tells of turns, and returns the share of what perftest moved in its best one. */
  static OptionalDouble add(
      Map<String, Double> further, List<Rates> turns, Measured own, long bytes) {
    if (turns.isEmpty()) {
      return OptionalDouble.empty();
    }
    double best = turns.stream().mapToDouble(Rates::best).max().orElseThrow();
    double average = turns.stream().mapToDouble(Rates::average).max().orElseThrow();
    further.put("best_gb_per_s", bytes / own.at(0));
    further.put("perftest_gb_per_s", average);
    further.put("perftest_best_gb_per_s", best);
    return OptionalDouble.of(bytes / own.at(0.5) / average);
  }

  /** {@return what people should know of figures beside it, in lines} */
  static String notes(Optional<Perftest> perftest, List<BenchResult> results) {
    String limit = perftest.isPresent()
        ? "The limit is perftest's ib_write_bw and ib_read_bw on this device, in turns with it.\n"
        : "There is nothing to compare with: apt-get install perftest, and leave out --peer.\n";
    return limit + PublishedRates.beside(results);
  }

  private List<String> command(Direction direction, long size) {
    String program = direction == Direction.READ ? "ib_read_bw" : "ib_write_bw";
    long requests = Math.clamp(TURN_BYTES / size, LEAST_REQUESTS, MOST_REQUESTS);
    List<String> command = new ArrayList<>(
        List.of(
            directory.resolve(program).toString(), "-d", device, "-s", Long.toString(size), "-n",
            Long.toString(requests / 64 * 64)));
    if (direction == Direction.WRITE) {
      command.addAll(AS_LISTS);
    }
    return command;
  }

  /** Reads its table, which has a line of size, requests, best and average. */
  static Rates parse(String said, long size) throws IOException {
    for (String line : said.lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length >= 4 && words[0].equals(Long.toString(size))) {
        return new Rates(
            Double.parseDouble(words[2]) * MEBIBYTE / 1e9,
            Double.parseDouble(words[3]) * MEBIBYTE / 1e9);
      }
    }
    throw new IOException("perftest's report has no line of " + size + " bytes: " + said.strip());
  }
}
