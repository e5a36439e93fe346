package io.pagoda.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody has who unpacks the archive, and has a JDK but nothing else of this build. */
class ArchiveIT {
  private static final Path ARCHIVE =
      Path.of(Objects.requireNonNull(System.getProperty("pagoda.archive"))).normalize();

  @TempDir private static Path unpacked;
  @TempDir private Path directory;

  private Path home = Path.of("");

  @BeforeAll
  static void unpack() throws Exception {
    Process tar =
        new ProcessBuilder("tar", "-xzf", ARCHIVE.toString(), "-C", unpacked.toString()).inheritIO()
            .start();
    assertEquals(0, tar.waitFor());
  }

  @BeforeEach
  void findHome() throws IOException {
    List<Path> top = in(unpacked);
    assertEquals(1, top.size(), top::toString);
    home = top.getFirst().toRealPath();
  }

  /** Variables that the command's JVM takes flags from. */
  private static final List<String> FLAGS =
      List.of("PAGODA_JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  private final Map<String, String> variables =
      new HashMap<>(Map.of("PAGODA_JAVA_HOME", System.getProperty("java.home")));

  private int pagoda(String... args) throws Exception {
    Process process = started("", args);
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it hangs");
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Starts the command; what it says goes to files whose names begin so. */
  private Process started(String files, String... args) throws IOException {
    List<String> line = new ArrayList<>(List.of(home.resolve("bin/pagoda").toString()));
    line.addAll(Arrays.asList(args));
    var builder = new ProcessBuilder(line).directory(directory.toFile())
        .redirectOutput(directory.resolve(files + "out").toFile())
        .redirectError(directory.resolve(files + "err").toFile());
    builder.environment().keySet().removeAll(FLAGS);
    builder.environment().remove("PAGODA_PLUGINS");
    builder.environment().putAll(variables);
    return builder.start();
  }

  private String out() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  private static List<Path> in(Path place) throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      return files.sorted().toList();
    }
  }

  private List<String> names(String place) throws IOException {
    return in(home.resolve(place)).stream().map(file -> file.getFileName().toString()).toList();
  }

  @Test
  void itHasWhatAProductHas() throws Exception {
    assertEquals(
        Set.of("bench", "bin", "conf", "lib", "licences", "plugins"),
        names(".").stream().filter(name -> !name.equals("sbom")).collect(Collectors.toSet()));
    assertTrue(Files.isExecutable(home.resolve("bin/pagoda")));
    assertTrue(names("conf").contains("small.conf"));
    assertTrue(Files.readString(home.resolve("licences/LICENSE")).contains("Apache License"));
    assertTrue(
        names("licences").stream()
            .anyMatch(name -> name.startsWith("minio-") || name.startsWith("jackson-core-")),
        names("licences")::toString);
  }

  /** What the api's own annotations are of. */
  private static Path jspecify() {
    return Path.of(
        URI.create(
            NullMarked.class.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  /** As its author does, with nothing but the api that is in the archive. */
  private Path folderTier() throws IOException {
    Path sources = Path.of("../examples/tier-folder/src/main");
    Path classes = Files.createDirectories(directory.resolve("classes"));
    List<String> line = new ArrayList<>(
        List.of(
            "--release", "25", "--module-version", "1.0.0", "--module-path",
            home.resolve("lib/boot") + File.pathSeparator + jspecify(), "-d", classes.toString()));
    try (Stream<Path> files = Files.walk(sources.resolve("java"))) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(line::add);
    }
    tool("javac", line);
    Files.copy(sources.resolve("resources/reference.conf"), classes.resolve("reference.conf"));
    Path jar = Files.createDirectory(directory.resolve("plugin")).resolve("tier-folder-1.0.0.jar");
    tool("jar", List.of("--create", "--file", jar.toString(), "-C", classes.toString(), "."));
    return jar.getParent();
  }

  private static void tool(String name, List<String> line) {
    var said = new StringWriter();
    var printer = new PrintWriter(said, true);
    int code = ToolProvider.findFirst(name)
        .orElseThrow()
        .run(printer, printer, line.toArray(String[]::new));
    assertEquals(0, code, said::toString);
  }

  private Path twoLines() throws IOException {
    return Files.writeString(directory.resolve("store.conf"), """
        pagoda.block-bytes = 64KiB
        pagoda.tiers = [ { type = cpu, blocks = 10 }
          { type = folder, blocks = 100, directory = blocks } ]
        """);
  }

  @Test
  void somebodyElsesTierServesAndIsCertified() throws Exception {
    assertEquals(0, pagoda("plugins", "install", folderTier().toString()), err());
    Path plugin = home.resolve("plugins/com.example.folder-1.0.0");
    try {
      assertTrue(out().contains("installed com.example.folder 1.0.0 in " + plugin), out());
      String conf = twoLines().toString();
      assertEquals(0, pagoda("certify", "--config", conf, "--tier", "folder"), err());
      assertTrue(out().contains("certified: it keeps each of the"), out());
      assertEquals(
          0,
          pagoda(
              "replay", "--config", conf, "--trace", trace(), "--format", "mooncake", "--json",
              "-"),
          err());
      assertTrue(out().contains("\"mismatches\" : 0"), out());
      assertEquals(0, pagoda("plugins", "uninstall", "com.example.folder"), err());
      assertEquals(
          64, pagoda("replay", "--config", conf, "--trace", trace(), "--format", "mooncake"));
      assertTrue(err().contains("no tier of type 'folder'"), err());
    } finally {
      if (Files.exists(plugin)) {
        pagoda("plugins", "uninstall", "com.example.folder");
      }
    }
  }

  /** As an operator does, by the socket of a node that serves. */
  @Test
  void aNodeThatRunsLetsGoOfATierAndTakesItBack() throws Exception {
    assertEquals(0, pagoda("plugins", "install", folderTier().toString()), err());
    Path plugin = home.resolve("plugins/com.example.folder-1.0.0");
    String socket = directory.resolve("control").toString();
    Process node = started("node-", "run", "--config", twoLines().toString(), "--control", socket);
    try {
      while (pagoda("plugins", "list", "--control", socket) != 0) {
        assertTrue(node.isAlive(), Files.readString(directory.resolve("node-err")));
      }
      assertTrue(out().contains("active     com.example.folder 1.0.0"), out());
      step("stop", "is resolved", socket);
      step("start", "is active", socket);
      step("drain", "is draining", socket);
      step("stop", "is resolved", socket);
      step("uninstall", "uninstalled com.example.folder 1.0.0", socket);
      assertTrue(Files.notExists(plugin));
    } finally {
      node.destroy();
      assertTrue(node.waitFor(30, TimeUnit.SECONDS), "it does not end");
      if (Files.exists(plugin)) {
        pagoda("plugins", "uninstall", "com.example.folder");
      }
    }
  }

  private void step(String word, String answer, String socket) throws Exception {
    assertEquals(0, pagoda("plugins", word, "com.example.folder", "--control", socket), err());
    assertTrue(out().contains(answer), out());
  }

  private String trace() throws IOException {
    String requests = IntStream.range(0, 60)
        .mapToObj(
            i -> "{\"timestamp\": 0, \"input_length\": 512, \"output_length\": 1, "
                + "\"hash_ids\": [%d]}".formatted(i % 30))
        .collect(Collectors.joining("\n"));
    return Files.writeString(directory.resolve("trace.jsonl"), requests).toString();
  }

  /** One bill for each part, which names every library in it. Maven writes none when offline. */
  @Test
  void itsBillsNameEveryJar() throws Exception {
    assumeTrue(Files.exists(home.resolve("sbom")), "it was built offline");
    for (Path plugin : in(home.resolve("plugins"))) {
      String bill = Files
          .readString(home.resolve("sbom").resolve("pagoda-" + plugin.getFileName() + ".json"));
      for (Path file : in(plugin)) {
        String name = file.getFileName().toString().replaceFirst("-\\d.*", "");
        assertTrue(
            Files.isDirectory(file) || bill.contains('"' + name + '"'),
            () -> plugin + " has " + file);
      }
      assertTrue(bill.contains("Apache-2.0"), bill);
    }
  }

  /** The first list of plugins leaves classes for the next ones; whatever they are, it lists. */
  @Test
  void itListsPluginsWithTheClassesThatAnEarlierListLeft() throws Exception {
    List<String> lists = new ArrayList<>();
    for (String spoilt : List.of("not yet", "whole", "short", "foreign", "empty")) {
      for (Path file : in(home.resolve("lib"))) {
        if (file.toString().endsWith(".jsa")) {
          spoil(file, spoilt);
        }
      }
      assertEquals(0, pagoda("plugins", "list"), err());
      assertEquals("", err(), spoilt);
      lists.add(out());
    }
    assertEquals(1, lists.stream().distinct().count(), lists::toString);
    assertTrue(in(home.resolve("lib")).stream().anyMatch(f -> f.toString().endsWith(".jsa")));
  }

  @Test
  void itNamesAJavaThatIsTooOldOrNotThere() throws Exception {
    Path jdk = directory.resolve("old-jdk");
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    variables.put("PAGODA_JAVA_HOME", jdk.toString());
    assertEquals(69, pagoda("--version"));
    assertTrue(err().contains("there is no " + java + "; it needs a JDK 25"), err());
    Files.writeString(java, "#!/bin/sh\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(jdk.resolve("release"), "JAVA_RUNTIME=x\nJAVA_VERSION=\"17.0.1\"\n");
    assertEquals(69, pagoda("--version"));
    assertTrue(err().contains("bin/java is Java 17; it needs a JDK 25"), err());
  }

  /** A java that writes down where it has its classes from. */
  private Path talking(Path log) throws IOException {
    Path java = Files.createDirectories(directory.resolve("talking-jdk/bin")).resolve("java");
    Files.writeString(java, """
        #!/bin/sh
        _JAVA_OPTIONS='-Xlog:class+load:file=%s::filecount=0' exec '%s/bin/java' "$@"
        """.formatted(log, System.getProperty("java.home")));
    assertTrue(java.toFile().setExecutable(true));
    return java.getParent().getParent();
  }

  @Test
  void theClassesThatAnEarlierListLeftAreTaken() throws Exception {
    Path log = directory.resolve("classes.log");
    variables.put("PAGODA_JAVA_HOME", talking(log).toString());
    for (int i = 0; i < 2; i++) {
      Files.deleteIfExists(log);
      assertEquals(0, pagoda("plugins", "list"), err());
    }
    try (Stream<String> lines = Files.lines(log)) {
      long taken = lines.filter(line -> line.contains(" io.pagoda."))
          .filter(line -> line.contains("source: shared objects file (top)"))
          .count();
      assertTrue(taken > 100, () -> taken + " classes of the product");
    }
    List<String> left = names("lib").stream().filter(name -> name.contains(".jsa")).toList();
    assertTrue(left.stream().allMatch(name -> name.endsWith(".jsa")), left::toString);
    try (Stream<Path> mine = in(home.resolve("lib")).stream()
        .filter(file -> file.toString().contains("list-talking-jdk-"))) {
      mine.forEach(file -> assertTrue(file.toFile().delete()));
    }
  }

  private static void spoil(Path file, String how) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    assertTrue(bytes.length > 0, "no classes were left");
    if (how.equals("short")) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    } else if (how.equals("empty")) {
      Files.write(file, new byte[0]);
    } else if (how.equals("foreign")) {
      Files.delete(file);
      Files.writeString(file, "no classes");
    }
  }

  @Test
  void itStartsWithAnyCollector() throws Exception {
    for (String variable : FLAGS) {
      variables.put(variable, "-XX:+UseG1GC");
      assertEquals(0, pagoda("plugins", "list"), err());
      variables.remove(variable);
    }
    for (String collector : List.of("-XX:+UseZGC", "-XX:+UseSerialGC")) {
      variables.put("PAGODA_JAVA_OPTS", collector);
      assertEquals(0, pagoda("plugins", "list"), err());
    }
  }

  @Test
  void itDemonstratesItself() throws Exception {
    assertEquals(0, pagoda("demo"), err());
    assertTrue(out().contains("is right"), out());
  }

  @Test
  void itNamesThePluginThatIsMissing() throws Exception {
    Path plugin = home.resolve("plugins/tier-ssd");
    Path elsewhere = Files.move(plugin, directory.resolve("tier-ssd"));
    try {
      assertEquals(64, pagoda("demo"));
      assertTrue(err().contains("no tier of type 'ssd'"), err());
      assertTrue(err().contains("Put its plugin's directory under " + plugin.getParent()), err());
      assertEquals(1, err().lines().count(), err());
    } finally {
      Files.move(elsewhere, plugin);
    }
  }
}
