package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins looked into, put in and taken out. What is on the module path here is there as well. */
class PluginsCommandTest {
  /** A plugin as javac left it. */
  private static final Path BUILT = SourceTree.path("eviction-classic/target/classes");

  private static final String NAME = "io.pagoda.eviction.classic";

  @TempDir Path directory;
  private Path plugins = Path.of("");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void nameTheDirectory() {
    plugins = directory.resolve("plugins");
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    String[] line = new String[args.length + 3];
    line[0] = "plugins";
    System.arraycopy(args, 0, line, 1, args.length);
    line[args.length + 1] = "--set";
    line[args.length + 2] = "pagoda.plugins.directory=" + plugins;
    return runs(line);
  }

  private int runs(String... line) {
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), line);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Path place() throws IOException {
    try (var places = Files.list(plugins)) {
      return places.findFirst().orElseThrow();
    }
  }

  @Test
  void whatIsInstalledIsShownAndGoesAgain() throws IOException {
    assertEquals(0, run("install", BUILT.toString()), this::err);
    Path place = place();
    assertTrue(out().matches("installed " + NAME + " \\S+ in \\Q" + place + "\\E\\R"), this::out);
    assertEquals(0, run("show", NAME), this::err);
    assertTrue(out().startsWith(NAME + " "), this::out);
    assertTrue(out().contains("found in       " + place), this::out);
    assertTrue(
        out().lines().anyMatch(l -> l.matches(" +provides +eviction policy slru +ready")),
        this::out);
    assertTrue(
        out().lines().anyMatch(l -> l.matches(" +compiled for +io.pagoda.api \\d+\\.\\d+")),
        this::out);
    assertEquals(0, run("list"), this::err);
    assertTrue(out().contains(place.toString()), this::out);
    assertEquals(0, run("uninstall", NAME), this::err);
    assertEquals("uninstalled " + place + System.lineSeparator(), out());
    assertFalse(Files.exists(place));
  }

  @Test
  void aListIsTheSameWithoutOptions() {
    assertEquals(0, run("list"), this::err);
    String all = out();
    for (String[] line : new String[][] {{"plugins"}, {"plugins", "list"}}) {
      out.reset();
      assertEquals(0, runs(line), this::err);
      assertEquals(all, out());
    }
  }

  @Test
  void whatIsNoPluginIsRefusedWithTheReason() {
    assertEquals(ExitCode.CONFIGURATION, run("install", "/no/such.zip"));
    assertEquals(
        "pagoda: there is no /no/such.zip: name a directory, a jar or a zip"
            + System.lineSeparator(),
        err());
    assertEquals(ExitCode.CONFIGURATION, run("uninstall", "tape"));
    assertTrue(err().contains("is called 'tape'; there are []"), this::err);
    assertEquals(ExitCode.CONFIGURATION, run("show", "tape"));
    assertEquals(ExitCode.USAGE, run("install"));
  }

  @Test
  void whyTellsWhoProvidesAType() {
    assertEquals(0, run("why", "cpu"), this::err);
    assertTrue(
        out().matches("tier 'cpu' can be had, from io.pagoda.tier.cpu .* in module path\\R"),
        this::out);
  }

  @Test
  void whyTellsThatNobodyProvidesAType() {
    assertEquals(ExitCode.CONFIGURATION, run("why", "tape"));
    assertTrue(
        out().startsWith("no tier of type 'tape' (asked for by hand); available: "), this::out);
  }

  @Test
  void whyTellsThatSeveralProvideAType() {
    assertEquals(0, run("install", BUILT.toString()), this::err);
    assertEquals(ExitCode.CONFIGURATION, run("why", "slru"));
    assertTrue(out().startsWith("more than one plugin provides eviction policy 'slru'"), this::out);
    assertTrue(out().contains("say which in pagoda.plugins.prefer"), this::out);
  }

  @Test
  void whyTellsWhatIsRefused() throws IOException {
    Files.createDirectories(plugins.resolve("tape"));
    assertEquals(ExitCode.CONFIGURATION, run("why", "tape"));
    assertTrue(
        out().startsWith(plugins.resolve("tape") + " is refused: there is no jar in it: "),
        this::out);
  }
}
