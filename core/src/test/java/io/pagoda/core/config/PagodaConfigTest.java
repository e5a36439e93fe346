package io.pagoda.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PagodaConfigTest {
  private static final Reference SSD =
      new Reference("io.pagoda.tier.ssd", "pagoda.tier.ssd {\n  queue-depth = 512\n}");

  @TempDir Path directory;

  private ConfigFile file(String... lines) {
    return ConfigFile.of(directory, lines);
  }

  private static void refused(String expected, Executable executable) {
    assertEquals(expected, assertThrows(SettingsException.class, executable).getMessage());
  }

  private static PagodaConfig commandLine(Overrides overrides) {
    return PagodaConfig.load(Optional.empty(), overrides);
  }

  private static Map<String, ConfigEntry> entries(PagodaConfig config) {
    return config.entries()
        .stream()
        .collect(Collectors.toMap(ConfigEntry::key, Function.identity()));
  }

  private static String value(Map<String, ConfigEntry> entries, String key) {
    return Objects.requireNonNull(entries.get(key), key).value();
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Path none = directory.resolve("none.conf");
    refused(
        none + ": cannot read the configuration: no such file",
        () -> PagodaConfig.load(Optional.of(none), Overrides.NONE));
    refused(
        directory + ": cannot read the configuration: it is a directory",
        () -> PagodaConfig.load(Optional.of(directory), Overrides.NONE));
  }

  @Test
  void refusesAMalformedFileWithItsLine() {
    ConfigFile file = file("pagoda {", "  a = [1", "  b = }");
    var e = assertThrows(SettingsException.class, file::load);
    assertTrue(
        String.valueOf(e.getMessage()).startsWith(file.path() + ":3: List should have"),
        e.getMessage());
  }

  @Test
  void refusesAFileWithoutPagoda() {
    ConfigFile file = file("", "pagdoa { block-bytes = 16KiB }");
    refused(
        file.path() + ":2: all settings are below 'pagoda', which this file lacks; "
            + "it begins with 'pagdoa'",
        file::load);
  }

  @Test
  void anEmptyFileIsAllDefaults() {
    assertEquals(ByteSize.ofKibibytes(128), file("# nothing").settings().bytes("block-bytes"));
  }

  @Test
  void substitutesAndKeepsTheLine() {
    Section s = file("size = 64KiB", "pagoda {", "  block-bytes = ${size}", "}").settings();
    assertEquals(ByteSize.ofKibibytes(64), s.bytes("block-bytes"));
    assertEquals(
        directory.resolve("demo.conf") + ":1: pagoda.block-bytes", s.origin("block-bytes"));
  }

  @Test
  void substitutesFromTheEnvironment() {
    Section s = file("pagoda { a = ${PATH}, block-bytes = ${?NO_SUCH_VARIABLE} }").settings();
    assertEquals(System.getenv("PATH"), s.string("a"));
    assertEquals("environment: pagoda.a", s.origin("a"));
    assertEquals(ByteSize.ofKibibytes(128), s.bytes("block-bytes"));
  }

  @Test
  void refusesASubstitutionOfNothing() {
    ConfigFile file = file("pagoda {", "  a = ${no.such.key}", "}");
    refused(
        file.path() + ":2: Could not resolve substitution to a value: ${no.such.key}",
        file::settings);
  }

  @Test
  void includesFilesWhosePathsAreTheirOwn() throws Exception {
    Files.createDirectory(directory.resolve("site"));
    Files.writeString(
        directory.resolve("site/disk.conf"), "pagoda {\n  here = data\n  depth = deep\n}");
    Section s = file("include \"site/disk.conf\"", "pagoda.there = data").settings();
    assertEquals(directory.resolve("site/data"), s.path("here"));
    assertEquals(directory.resolve("data"), s.path("there"));
    refused(
        directory.resolve("site/disk.conf")
            + ":3: pagoda.depth must be a whole number of at most 32 bits, not 'deep'",
        () -> s.integer("depth"));
  }

  @Test
  void namesFilesAsTheOperatorDid() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path relative = here.relativize(file("pagoda.a = deep").path().toRealPath());
    Section s = PagodaConfig.load(Optional.of(relative), Overrides.NONE).settings();
    assertEquals(relative + ":1: pagoda.a", s.origin("a"));
  }

  @Test
  void theCommandLineReplacesTiersAndSetsKeys() {
    ConfigFile file = file("pagoda {", "tiers = [ { type = gpu } ]", "block-bytes = 1MiB", "}");
    Overrides overrides = Overrides.NONE.tier("cpu=10000")
        .tier("ssd=60000")
        .tier("ssd=10GiB")
        .blockBytes("16KiB")
        .policy("lfu")
        .set("pagoda.tier.ssd.directory", "here");
    Section s = PagodaConfig.load(Optional.of(file.path()), overrides).settings();
    List<Section> tiers = s.elements("tiers");
    assertEquals(
        List.of("cpu", "ssd", "ssd-2"), tiers.stream().map(t -> t.string("name")).toList());
    assertEquals(List.of("cpu", "ssd", "ssd"), tiers.stream().map(t -> t.string("type")).toList());
    assertEquals(60000, tiers.get(1).integer("blocks"));
    assertEquals(new ByteSize(10L << 30), tiers.get(2).bytes("capacity"));
    assertEquals(ByteSize.ofKibibytes(16), s.bytes("block-bytes"));
    assertEquals("lfu", s.section("eviction").string("policy"));
    assertEquals(
        Path.of("here").toAbsolutePath(), s.section("tier").section("ssd").path("directory"));
  }

  @Test
  void complaintsAboutTheCommandLineSaySo() {
    Section s = commandLine(Overrides.NONE.blockBytes("16384")).settings();
    refused(
        "command line: pagoda.block-bytes = 16384 has no unit: write a unit, e.g. 16KiB",
        () -> s.bytes("block-bytes"));
    Section t = commandLine(Overrides.NONE.set("pagoda.engine.copy-thread", "4")).settings();
    t.section("engine");
    refused(
        "command line: unknown key 'copy-thread' in pagoda.engine; did you mean 'copy-threads'? "
            + "known here: [copy-threads, job-timeout, layer-sections, look-up, "
            + "pin-timeout, scrub, tier-failures, tier-timeout]",
        t::refuseUnknown);
  }

  @Test
  void refusesAShortFormThatIsNone() {
    for (String text : List.of("cpu", "cpu=", "=5", "")) {
      refused(
          "command line: a tier is written TYPE=BLOCKS or TYPE=SIZE, such as cpu=10000 or "
              + "ssd=10GiB, not '" + text + "'",
          () -> Overrides.NONE.tier(text));
    }
    for (String key : List.of("pagoda", "block-bytes", "pagoda.", "pagoda..a", "")) {
      refused(
          "command line: '" + key + "' is not the full name of a key, such as pagoda.block-bytes",
          () -> Overrides.NONE.set(key, "1"));
    }
  }

  @Test
  void aModulesDefaultsAreBeneathTheFile() {
    PagodaConfig config = file("pagoda.tier.ssd.size = 1").load().withDefaults(List.of(SSD));
    Section ssd = config.settings().section("tier").section("ssd");
    assertEquals(512, ssd.integer("queue-depth"));
    assertEquals(
        "reference.conf of io.pagoda.tier.ssd:2: pagoda.tier.ssd.queue-depth",
        ssd.origin("queue-depth"));
  }

  @Test
  void findsThePluginsBeforeTheirDefaultsAreKnown() {
    PagodaConfig config =
        file("pagoda {", "block-bytes = ${pagoda.tier.ssd.size}", "plugins.directory = jars", "}")
            .load();
    assertEquals(directory.resolve("jars"), config.plugins().directory());
    ConfigFile circular = file("pagoda {", "plugins.directory = ${pagoda.tier.ssd.home}", "}");
    refused(
        circular.path() + ": pagoda.plugins.directory is needed to find the plugins, "
            + "so it cannot depend on a plugin's defaults",
        circular.load()::plugins);
  }

  @Test
  void refusesToLookAtThePluginsAllTheTime() {
    ConfigFile often = file("pagoda {", "plugins.watch = 99ms", "}");
    refused(
        often.path() + ":2: pagoda.plugins.watch must be 0s, which is never, or at least 100ms",
        often.load()::plugins);
    assertEquals(
        Duration.ofMillis(100), file("pagoda.plugins.watch = 100ms").load().plugins().watch());
    assertEquals(Duration.ZERO, file("pagoda.plugins.watch = 0s").load().plugins().watch());
  }

  @Test
  void listsEveryKeyWithItsOrigin() {
    ConfigFile file = file(
        "pagoda {", "  tiers = [ { type = cpu, capacity = 1GiB }",
        "            { type = ssd, directories = [a, b], queue-depth = 8 } ]",
        "  tiers += { type = ssd, secret-key = 123, password = abc }", "}");
    PagodaConfig config =
        PagodaConfig.load(Optional.of(file.path()), Overrides.NONE.blockBytes("16KiB"))
            .withDefaults(List.of(SSD));
    var entries = entries(config);
    assertEquals(
        new ConfigEntry("pagoda.block-bytes", "16KiB", "command line"),
        entries.get("pagoda.block-bytes"));
    assertEquals(
        new ConfigEntry("pagoda.tiers[0].capacity", "1GiB", file.path() + ":2"),
        entries.get("pagoda.tiers[0].capacity"));
    assertEquals(
        new ConfigEntry("pagoda.tiers[1].directories", "[\"a\",\"b\"]", file.path() + ":3"),
        entries.get("pagoda.tiers[1].directories"));
    assertEquals(
        new ConfigEntry("pagoda.tiers[1].queue-depth", "8", file.path() + ":3"),
        entries.get("pagoda.tiers[1].queue-depth"));
    assertEquals(
        new ConfigEntry(
            "pagoda.tiers[2].queue-depth", "512", "reference.conf of io.pagoda.tier.ssd:2"),
        entries.get("pagoda.tiers[2].queue-depth"));
    assertEquals("(hidden)", value(entries, "pagoda.tiers[2].secret-key"));
    assertEquals("(hidden)", value(entries, "pagoda.tiers[2].password"));
    assertEquals("16", value(entries, "pagoda.model.tokens-per-block"));
    assertEquals("[]", value(entries, "pagoda.graph.edges"));
  }

  @Test
  void everyDefaultIsInOrder() {
    List<String> keys =
        commandLine(Overrides.NONE).entries().stream().map(ConfigEntry::key).toList();
    assertEquals(keys.stream().sorted().toList(), keys);
    commandLine(Overrides.NONE).settings().refuseUnknown();
  }
}
