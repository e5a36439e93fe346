package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The distribution that this build has made, started by its own command. */
class DistributionIT {
  private static final Path HOME = SourceTree.path("target/pagoda");

  @TempDir Path directory;

  private int pagoda(Map<String, String> environment, String... args) throws Exception {
    List<String> line = new ArrayList<>(List.of(HOME.resolve("bin/pagoda").toString()));
    line.addAll(Arrays.asList(args));
    return start(environment, line);
  }

  private int start(Map<String, String> environment, List<String> line) throws Exception {
    var builder = new ProcessBuilder(line).redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile());
    builder.environment().put("PAGODA_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("PAGODA_JAVA_OPTS", "PAGODA_PLUGINS"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(180, TimeUnit.SECONDS), "it hangs");
      return process.exitValue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private String out() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  private static List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(HOME.resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Plugins see what the JVM starts with: whatever else were there, their own could clash with. */
  @Test
  void pluginsStandOnTheApiAlone() throws IOException {
    List<String> artefacts =
        names("lib/boot").stream().map(jar -> jar.replaceFirst("-\\d.*", "")).toList();
    assertEquals(List.of("pagoda-api", "pagoda-launch"), artefacts);
    assertTrue(names("lib/host").stream().noneMatch(jar -> jar.startsWith("pagoda-api")));
  }

  @Test
  void everyPluginServes() throws Exception {
    assertEquals(0, pagoda(Map.of(), "plugins", "--json", "-"), err());
    List<String> found = List.of(out().split("\"where\" : ", -1));
    for (String plugin : names("plugins")) {
      String place = '"' + HOME.resolve("plugins").resolve(plugin).toString() + '"';
      String said = found.stream()
          .filter(one -> one.startsWith(place))
          .collect(Collectors.joining("and once more"));
      assertTrue(said.contains("\"type\" : "), () -> plugin + ": " + found);
    }
    assertFalse(out().contains("\"refused\""), out());
    assertTrue(names("plugins").contains("tier-cpu"), out());
  }

  /** Jars without a descriptor among them, which read all that is beneath the plugin. */
  @Test
  void aPluginMayBringWhatTheHostHas() throws Exception {
    Path plugins = directory.resolve("plugins");
    Path plugin = Files.createDirectories(plugins.resolve("cpu-and-more"));
    copy("plugins/tier-cpu", plugin);
    copy("lib/host", plugin);
    var place = Map.of("PAGODA_PLUGINS", plugins.toString());
    assertEquals(0, pagoda(place, "plugins", "--json", "-"), err());
    assertTrue(out().contains("\"type\" : \"cpu\""), out());
    assertFalse(out().contains("\"refused\""), out());
  }

  private static void copy(String folder, Path to) throws IOException {
    for (String jar : names(folder)) {
      if (!jar.startsWith("pagoda-") || jar.startsWith("pagoda-tier-")) {
        Files.copy(HOME.resolve(folder).resolve(jar), to.resolve(jar));
      }
    }
  }

  @Test
  void saysItsVersion() throws Exception {
    assertEquals(0, pagoda(Map.of(), "--version"), err());
    assertTrue(out().matches("(?s)pagoda \\d+\\.\\d+\\.\\d+\\R.*"), out());
  }

  @Test
  void mistakesHaveTheirExitCodes() throws Exception {
    assertEquals(ExitCode.USAGE, pagoda(Map.of(), "no-such-command"));
    assertTrue(err().startsWith("pagoda: "), err());
    assertEquals(ExitCode.CONFIGURATION, pagoda(Map.of(), "config", "--config", "/no/such.conf"));
    assertEquals(1, err().lines().count(), err());
  }

  @Test
  void measuresWithoutWhatItComparesWith() throws Exception {
    String nowhere = directory.resolve("nowhere.jar").toString();
    String[] command = {"bench", "transport", "--vs-ucx", "--ucx-jar", nowhere, "--blocks", "4KiB",
      "--batch", "8", "--rounds", "1"};
    assertEquals(0, pagoda(Map.of(), command), err());
    assertTrue(out().contains("UCX had no turn: there is no " + nowhere), out());
    assertTrue(out().contains("transport.write"), out());
  }

  /** Somebody takes the command for the whole of it, or unpacks a part. */
  @ParameterizedTest
  @ValueSource(strings = {"lib/boot", "lib/host"})
  void saysWhatOfItIsMissing(String missing) throws Exception {
    Path home = directory.toRealPath();
    Path command = Files.createDirectory(home.resolve("bin")).resolve("pagoda");
    Files.copy(HOME.resolve("bin/pagoda"), command, StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectory(home.resolve("lib"));
    if (missing.equals("lib/host")) {
      Files.createSymbolicLink(home.resolve("lib/boot"), HOME.resolve("lib/boot"));
    }
    assertEquals(2, start(Map.of(), List.of(command.toString(), "--version")), err());
    assertEquals(1, err().lines().count(), err());
    assertTrue(err().startsWith("pagoda: it is not whole: there is no directory "), err());
    assertTrue(err().contains(home.resolve(missing) + ". Unpack"), err());
    assertEquals("", out());
  }

  /** As it warns where a machine has no huge pages; scripts and engines read standard output. */
  @Test
  void keepsWhatTheJvmSaysOutOfTheAnswer() throws Exception {
    var small = Map.of("PAGODA_JAVA_OPTS", "-XX:+UseSerialGC -Xmx64m -Xmn128m");
    assertEquals(0, pagoda(small, "plugins", "--json", "-"), err());
    assertFalse(out().contains("[warning]"), out());
    assertTrue(err().contains("[warning]"), err());
  }

  private static String request(int block) {
    return """
        {"timestamp": 0, "input_length": 512, "output_length": 1, "hash_ids": [%d]}
        """.formatted(block);
  }

  /** Plugins and host call native code, of which the JVM would warn if nobody had let them. */
  @Test
  void movesBlocks() throws Exception {
    Path trace = directory.resolve("trace.jsonl");
    String requests =
        IntStream.range(0, 60).mapToObj(i -> request(i % 30)).collect(Collectors.joining());
    Files.writeString(trace, requests);
    int code = pagoda(
        Map.of(), "replay", "--trace", trace.toString(), "--format", "mooncake", "--tier", "cpu=10",
        "--tier", "ssd=100", "--block-bytes", "64KiB", "--policy", "slru", "--json", "-", "--set",
        "pagoda.tier.ssd.directory=" + directory);
    assertEquals(0, code, err());
    assertTrue(out().contains("\"mismatches\" : 0"), out());
    // Where io_uring is not allowed, as in many containers, the tier says so.
    assertTrue(err().lines().allMatch(line -> line.startsWith("pagoda: INFO: ")), err());
  }
}
