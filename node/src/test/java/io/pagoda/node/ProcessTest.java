package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a process of its own, which others may kill, or starve of disk. */
class ProcessTest {
  private static final String SLOTS = "slots-00000.pagoda";

  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();
  private Path blocks = Path.of("");

  @BeforeEach
  void createDirectory() throws IOException {
    blocks = Files.createDirectory(directory.resolve("blocks"));
  }

  @AfterEach
  void leaveNoProcess() throws InterruptedException {
    started.forEach(Process::destroyForcibly);
    for (Process process : started) {
      process.waitFor(); // it writes to the directory no more
    }
  }

  private List<String> java() {
    String modules = "io.pagoda.core,io.pagoda.node,io.pagoda.tier.cpu,io.pagoda.tier.ssd";
    return List.of(
        ProcessHandle.current().info().command().orElseThrow(), "--module-path",
        System.getProperty("jdk.module.path"), "--add-modules", modules,
        "-Djava.io.tmpdir=" + directory, "--enable-native-access=" + modules + ",io.netty.common",
        "-m", "io.pagoda.node/io.pagoda.node.Main");
  }

  private Process start(List<String> java, List<String> args) throws IOException {
    return start(directory.resolve("out"), Stream.concat(java.stream(), args.stream()).toList());
  }

  private Process start(Path out, List<String> line) throws IOException {
    Process process = new ProcessBuilder(line).redirectOutput(out.toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
    started.add(process);
    return process;
  }

  private static String request(int milliseconds, int id) {
    return "{\"timestamp\": %d, \"input_length\": 512, \"output_length\": 1, \"hash_ids\": [%d]}%n"
        .formatted(milliseconds, id);
  }

  /** Many requests, each for another block. */
  private static Stream<String> requests() {
    return IntStream.range(0, 120).mapToObj(id -> request(0, id));
  }

  private List<String> replay(String speed, Stream<String> requests) throws IOException {
    Path trace = directory.resolve(speed + ".jsonl");
    Files.writeString(trace, requests.collect(Collectors.joining()));
    return List.of(
        "replay", "--trace", trace.toString(), "--format", "mooncake", "--speed", speed, "--tier",
        "cpu=10", "--tier", "ssd=100", "--block-bytes", "64KiB", "--set",
        "pagoda.tier.ssd.directory=" + blocks, "--set", "pagoda.tier.ssd.durability=none");
  }

  /** Starts a replay whose last request is due long after any test. */
  private Process startEndlessReplay() throws Exception {
    List<String> endless =
        replay("real", Stream.concat(requests(), Stream.of(request(900_000, 0))));
    try (var watch = FileSystems.getDefault().newWatchService()) {
      blocks.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      Process process = start(java(), endless);
      while (!Files.exists(blocks.resolve(SLOTS))) {
        var key = watch.poll(30, TimeUnit.SECONDS);
        assertTrue(key != null && process.isAlive(), this::err);
        key.pollEvents();
        key.reset();
      }
      return process;
    }
  }

  /** Kills a store that writes a trace, wherever it is, and repeats what is there of it. */
  @Test
  void aTraceSurvivesItsProcess() throws Exception {
    Path trace = directory.resolve("requests.jsonl");
    List<String> args =
        new ArrayList<>(replay("real", Stream.concat(requests(), Stream.of(request(900_000, 0)))));
    args.addAll(List.of("--set", "pagoda.trace.file=" + trace, "--set", "pagoda.trace.flush=1ms"));
    Process process = start(java(), args);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(trace) || Files.size(trace) < 8000) {
      assertTrue(System.nanoTime() < deadline && process.isAlive(), this::err);
      Thread.onSpinWait();
    }
    process.destroyForcibly();
    assertNotEquals(0, exitCode(process));
    int code = exitCode(
        start(java(), List.of("replay", "--trace", trace.toString(), "--format", "pagoda")));
    assertEquals(0, code, this::err);
    String said = Files.readString(directory.resolve("out"));
    assertTrue(said.contains("Reproduces the run"), said);
  }

  /** Kills a store that has ended all it was asked, and finds every block that its disk had. */
  @Test
  void aKilledStoreFindsItsBlocksAgain() throws Exception {
    Path trace = directory.resolve("requests.jsonl");
    List<String> args =
        new ArrayList<>(replay("real", Stream.concat(requests(), Stream.of(request(900_000, 0)))));
    args.addAll(
        List.of(
            "--set", "pagoda.graph.write=through", "--set", "pagoda.trace.file=" + trace, "--set",
            "pagoda.trace.flush=1ms"));
    Process process = start(java(), args);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (finished(trace) < 120) {
      assertTrue(System.nanoTime() < deadline && process.isAlive(), this::err);
      Thread.onSpinWait();
    }
    process.destroyForcibly();
    assertNotEquals(0, exitCode(process));
    List<String> again = new ArrayList<>(
        replay("max", IntStream.range(30, 120).mapToObj(id -> request(0, 149 - id))));
    again.addAll(List.of("--json", "-"));
    assertEquals(0, exitCode(start(java(), again)), this::err);
    String report = Files.readString(directory.resolve("out"));
    assertTrue(report.contains("\"mismatches\" : 0"), report);
    assertTrue(report.contains("\"hit_blocks\" : 90") || report.contains("90"), report);
  }

  private static long finished(Path trace) throws IOException {
    if (!Files.exists(trace)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(trace)) {
      return lines.filter(line -> line.contains("\"finished\"")).count();
    }
  }

  private int exitCode(Process process) throws InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it hangs");
    return process.exitValue();
  }

  private String err() {
    try {
      return Files.readString(directory.resolve("err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(blocks)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void anInterruptedReplayLeavesNoBlocks() throws Exception {
    Process process = startEndlessReplay();
    process.destroy(); // SIGTERM
    assertEquals(143, exitCode(process), this::err);
    assertEquals(List.of("pagoda.lock"), left());
  }

  @Test
  void aDirectoryBelongsToOneProcessAndOutlivesItsDeath() throws Exception {
    Process process = startEndlessReplay();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), err, false,
        false);
    String[] args = replay("max", requests()).toArray(String[]::new);
    assertEquals(ExitCode.CONFIGURATION, Pagoda.run(terminal, new ConfiguredStores(), args));
    assertTrue(
        said.toString(StandardCharsets.UTF_8).contains("in use by process " + process.pid()),
        () -> said.toString(StandardCharsets.UTF_8));
    process.destroyForcibly(); // SIGKILL
    assertNotEquals(0, exitCode(process));
    assertTrue(left().contains(SLOTS), "nothing to clean up");
    assertEquals(0, Pagoda.run(terminal, new ConfiguredStores(), args));
    assertEquals(List.of("pagoda.lock"), left());
  }

  @Test
  void theDemoNamesATierThatIsMissing() throws Exception {
    List<String> without = new ArrayList<>(java());
    String path = without.get(2);
    without.set(
        2,
        Stream.of(path.split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains("tier-ssd"))
            .collect(Collectors.joining(File.pathSeparator)));
    assertNotEquals(path, without.get(2));
    without.replaceAll(word -> word.replace(",io.pagoda.tier.ssd,io.netty.common", ""));
    without.replaceAll(word -> word.replace(",io.pagoda.tier.ssd", ""));
    Process process = start(without, List.of("demo"));
    assertEquals(ExitCode.CONFIGURATION, exitCode(process), this::err);
    assertTrue(err().contains("no tier of type 'ssd'"), this::err);
    assertTrue(err().matches("(?s).*available: .*cpu \\(io.*"), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "medium", "large"})
  void theDeploymentsToBeginWithAreRight(String name) throws Exception {
    Path file = SourceTree.path("node/src/main/conf/" + name + ".conf");
    Process process = start(java(), List.of("config", "--check", "--config", file.toString()));
    assertEquals(0, exitCode(process), this::err);
    assertEquals("", err());
    String report = Files.readString(directory.resolve("out"));
    assertTrue(report.endsWith("The configuration is right.\n"), report);
    assertEquals(name.equals("large"), report.contains("'remote' is left out"), report);
  }

  @Test
  void aReportThatCannotBeDeliveredIsAFailure() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "needs Linux");
    Process process = start(full, Stream.concat(java().stream(), Stream.of("config")).toList());
    assertEquals(ExitCode.IO, exitCode(process));
    assertTrue(err().contains("standard output"), this::err);
  }

  /** The disk is a file system in memory, in a name space of its own: nothing is left of it. */
  private Process startOnDiskOf(String size, String preallocate) throws Exception {
    List<String> apart = List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c");
    List<String> mount =
        List.of("mount -t tmpfs -o size=%s none %s && exec \"$0\" \"$@\"".formatted(size, blocks));
    List<String> probe = Stream.of(apart, mount, List.of("true")).flatMap(List::stream).toList();
    try {
      assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "needs user name spaces");
    } catch (IOException e) {
      abort("needs unshare: " + e.getMessage());
    }
    List<String> args = new ArrayList<>(replay("max", requests()));
    args.addAll(
        List.of(
            "--json", "--set", "pagoda.tier.ssd.direct=false", "--set",
            "pagoda.tier.ssd.preallocate=" + preallocate));
    return start(Stream.of(apart, mount, java()).flatMap(List::stream).toList(), args);
  }

  @Test
  void aDiskThatFillsUpMakesShorterPrefixes() throws Exception {
    Process process = startOnDiskOf("1m", "false");
    assertEquals(0, exitCode(process), this::err);
    String report = Files.readString(directory.resolve("out"));
    assertTrue(report.contains("\"passed\" : true"), report);
    assertTrue(report.contains("\"mismatches\" : 0"), report);
    assertTrue(err().contains("KiB are left"), this::err);
    assertTrue(err().contains("ENOSPC"), this::err);
  }

  @Test
  void aDiskWithoutRoomIsRefusedWhenItsSpaceIsTakenAtOnce() throws Exception {
    Process process = startOnDiskOf("1m", "true");
    assertEquals(ExitCode.CONFIGURATION, exitCode(process), this::err);
    assertTrue(err().contains("ENOSPC") && err().contains("lower the tier's"), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }
}
