package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes, two processes, two network namespaces: the second finds what only the first has, also
 * after the cable between them was pulled.
 */
@Timeout(300)
class PeerNamespacesTest {
  private static final int REQUESTS = 500;
  private static final int BLOCKS = 8;
  private static final int MILLISECONDS = 50;
  private static final long BLOCK = 16 << 10;
  private static final long UNPLUGGED_NANOS = 1_000_000_000L;

  @TempDir Path directory;

  private final List<Node> started = new ArrayList<>();
  private @Nullable TwoHosts joined;

  @BeforeEach
  void join() throws Exception {
    joined = TwoHosts.join();
  }

  @AfterEach
  void part() throws Exception {
    started.forEach(node -> node.process.destroyForcibly());
    for (Node node : started) {
      node.process.waitFor(); // it writes to the directory no more
    }
    if (joined != null) {
      joined.close();
    }
  }

  private TwoHosts hosts() {
    return Objects.requireNonNull(joined);
  }

  /** A node that replays, and what it logs. */
  private record Node(Process process, Path report, BlockingQueue<String> log) {
    void listen() {
      try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
        lines.lines().forEach(log::add);
      } catch (IOException | UncheckedIOException e) {
        log.add(e.toString());
      }
    }

    /** Waits until it logs something with these words. */
    void awaitLog(String words, int seconds) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      boolean found = false;
      while (!found) {
        String line = log.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        found = Objects.requireNonNull(line, () -> "nobody logs: " + words).contains(words);
      }
    }

    /** {@return the first number of that name in its report} */
    double number(String name) throws IOException {
      String text = Files.readString(report);
      int at = text.indexOf("\"" + name + "\"");
      assertTrue(at >= 0, () -> "no " + name + " in " + text);
      return Double
          .parseDouble(text.substring(text.indexOf(':', at) + 1).strip().split("[,\\s}]", 2)[0]);
    }

    /** {@return the longest time that a stage took, in milliseconds} */
    double longest(String stage) throws IOException {
      String text = Files.readString(report);
      int at = text.indexOf("\"" + stage + "\"", text.indexOf("\"latency_us\""));
      int max = text.indexOf("\"max\"", at);
      return Double.parseDouble(
          text.substring(text.indexOf(':', max) + 1).strip().split("[,\\s}]", 2)[0]) / 1e3;
    }
  }

  private Node replay(int host, String name, String config, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".conf"), config);
    Path report = directory.resolve(name + ".json");
    String modules = "io.pagoda.core,io.pagoda.node,io.pagoda.tier.cpu,io.pagoda.transport.tcp";
    List<String> line = hosts().line(
        host, ProcessHandle.current().info().command().orElseThrow(), "-Xmx256m", "--module-path",
        System.getProperty("jdk.module.path"), "--add-modules", modules,
        "--enable-native-access=" + modules, "-m", "io.pagoda.node/io.pagoda.node.Main", "replay",
        "--config", file.toString(), "--trace", trace().toString(), "--format", "mooncake",
        "--json", report.toString());
    Collections.addAll(line, more);
    Process process =
        new ProcessBuilder(line).redirectOutput(directory.resolve(name + ".out").toFile()).start();
    Node node = new Node(process, report, new LinkedBlockingQueue<>());
    started.add(node);
    Thread.ofPlatform().daemon().start(node::listen);
    return node;
  }

  /** Requests, each for a prefix of its own. */
  private Path trace() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < REQUESTS; i++) {
      List<Integer> ids = new ArrayList<>();
      for (int block = 0; block < BLOCKS; block++) {
        ids.add(i * BLOCKS + block);
      }
      lines.append(
          "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": 1, \"hash_ids\": %s}%n"
              .formatted(i * MILLISECONDS, 512 * BLOCKS, ids));
    }
    return Files.writeString(directory.resolve("trace.jsonl"), lines);
  }

  private String secret() throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, "a secret of thirty-two characters");
    return file.toString();
  }

  private Node first() throws Exception {
    Node first = replay(0, "first", """
        pagoda {
          block-bytes = 16KiB
          tiers = [ { type = cpu, blocks = 5000 } ]
          peers { name = first, listen = "%s:7420", secret-file = "%s", silence = 20s }
          transport.tcp { listen = "%s:0", silence = 20s, heartbeat = 200ms }
        }
        """.formatted(TwoHosts.FIRST, secret(), TwoHosts.FIRST), "--stay");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!whole(first.report)) {
      assertTrue(first.process.isAlive() && System.nanoTime() < end, () -> "log: " + first.log);
      Thread.onSpinWait();
    }
    return first;
  }

  private static boolean whole(Path report) throws IOException {
    return Files.exists(report) && Files.readString(report).strip().endsWith("}");
  }

  /** {@return one that asks, and waits for an answer for so long} */
  private Node second(String name, String patience, String... more) throws IOException {
    return replay(1, name, """
        pagoda {
          block-bytes = 16KiB
          tiers = [ { type = cpu, blocks = 5000 }
                    { name = peers, type = peer, nodes = [
                        { name = first, address = "%s:7420" } ]
                      deadline = %s, retry = 100ms, longest-retry = 200ms } ]
          peers { name = second, secret-file = "%s" }
          engine.look-up = %s
        }
        """.formatted(TwoHosts.FIRST, patience, secret(), patience), more);
  }

  private static void end(Node node, int... codes) throws InterruptedException {
    assertTrue(node.process.waitFor(120, TimeUnit.SECONDS), "it does not end");
    int code = node.process.exitValue();
    assertTrue(Arrays.stream(codes).anyMatch(one -> one == code), () -> code + ": " + node.log);
  }

  @Test
  void theSecondFindsWhatOnlyTheFirstHas() throws Exception {
    Node first = first();
    Node second = second("second", "20s");
    end(second, ExitCode.OK);
    assertEquals(0, second.number("mismatches"));
    assertEquals(REQUESTS * BLOCKS, second.number("peers"));
    assertEquals(REQUESTS * BLOCKS * BLOCK, second.number("verified_bytes"));

    // The cable is pulled in the midst of the next, and plugged in again.
    Node third = second("third", "500ms", "--speed", "real");
    long before = hosts().received();
    while (hosts().received() < before + REQUESTS * BLOCKS * BLOCK / 8) {
      assertTrue(third.process.isAlive(), () -> "log: " + third.log);
    }
    third.awaitLog("is there", 60);
    third.log.clear(); // a slow machine may have called it a miss already
    hosts().cable(false);
    third.awaitLog("is a miss for now", 60);
    long unplugged = System.nanoTime();
    while (System.nanoTime() - unplugged < UNPLUGGED_NANOS) { // what it asks for now is not found
      assertTrue(third.process.isAlive(), () -> "log: " + third.log);
    }
    hosts().cable(true);
    third.awaitLog("is there", 60);
    long after = hosts().received();
    end(third, ExitCode.OK, ExitCode.FAILED);
    assertEquals(0, third.number("mismatches"));
    assertEquals(REQUESTS, third.number("requests"));
    double hits = third.number("peers");
    assertTrue(hits > REQUESTS && hits < REQUESTS * BLOCKS, "hits: " + hits);
    assertTrue(third.longest("fetch") < 10_000, "a fetch took " + third.longest("fetch") + " ms");
    assertTrue(hosts().received() > after + REQUESTS * BLOCKS * BLOCK / 8, "hits return");

    first.process.getOutputStream().close();
    end(first, ExitCode.OK);
  }
}
