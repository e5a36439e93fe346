package io.pagoda.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SectionTest {
  @TempDir Path directory;

  private Section written(String line) {
    return ConfigFile.of(directory, "pagoda {", "  " + line, "}").settings();
  }

  /** Expects a refusal on the file's second line. */
  private void refused(String expected, String line, Consumer<Section> reader) {
    Section section = written(line);
    var e = assertThrows(SettingsException.class, () -> reader.accept(section));
    assertEquals(directory.resolve("demo.conf") + ":2: " + expected, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"16384, 16KiB", "1048576, 1MiB", "16000, 16KiB", "1, 1B", "0, 16KiB", "1.5, 16KiB"})
  void refusesASizeWithoutUnit(String number, String suggestion) {
    refused(
        "pagoda.block-bytes = %s has no unit: write a unit, e.g. %s".formatted(number, suggestion),
        "block-bytes = " + number, s -> s.bytes("block-bytes"));
  }

  @Test
  void refusesAQuotedSizeWithoutUnit() {
    refused(
        "pagoda.block-bytes = 4096 has no unit: write a unit, e.g. 4KiB", "block-bytes = \"4096\"",
        s -> s.bytes("block-bytes"));
  }

  @Test
  void refusesADurationWithoutUnit() {
    refused(
        "pagoda.wait = 60 has no unit: write a unit, e.g. 250ms", "wait = 60",
        s -> s.duration("wait"));
  }

  @Test
  void refusesAnUnknownUnit() {
    refused(
        "pagoda.block-bytes = '16K' has an unknown unit 'K'; units are "
            + "B, KiB, kB, MiB, MB, GiB, GB, TiB, TB, PiB, PB",
        "block-bytes = 16K", s -> s.bytes("block-bytes"));
  }

  @Test
  void refusesWhatIsNoWholeNumberOfBytes() {
    refused(
        "pagoda.a = '1.3B' is not a whole number of B below 2^63", "a = 1.3B", s -> s.bytes("a"));
    refused(
        "pagoda.a = '9000PiB' is not a whole number of B below 2^63", "a = 9000PiB",
        s -> s.bytes("a"));
    refused("pagoda.a must be a size such as 16KiB, not '-1KiB'", "a = -1KiB", s -> s.bytes("a"));
  }

  @ParameterizedTest
  @CsvSource({"16KiB,16384", "16 KiB,16384", "1.5GiB,1610612736", "2kB,2000", "0B,0",
    "3TB,3000000000000"})
  void readsSizes(String text, long bytes) {
    assertEquals(new ByteSize(bytes), written("a = " + text).bytes("a"));
  }

  @ParameterizedTest
  @CsvSource({"250ms,PT0.25S", "60s,PT1M", "2 min,PT2M", "1.5h,PT1H30M", "3d,PT72H",
    "7us,PT0.000007S"})
  void readsDurations(String text, Duration duration) {
    assertEquals(duration, written("a = " + text).duration("a"));
  }

  @Test
  void refusesAMissingKey() {
    refused(
        "pagoda.tiers[0].directory is required and has no default", "tiers = [ { type = ssd } ]",
        s -> s.sections("tiers").getFirst().path("directory"));
  }

  @Test
  void aNullUnsetsADefault() {
    Section section = written("block-bytes = null");
    assertFalse(section.has("block-bytes"));
    assertThrows(SettingsException.class, () -> section.bytes("block-bytes"));
  }

  @Test
  void refusesWrongTypes() {
    refused(
        "pagoda.a must be a whole number of at most 32 bits, not 'many'", "a = many",
        s -> s.integer("a"));
    refused(
        "pagoda.a must be a whole number of at most 32 bits, not '3000000000'", "a = 3000000000",
        s -> s.integer("a"));
    refused(
        "pagoda.a must be a whole number of at most 32 bits, not '1.5'", "a = 1.5",
        s -> s.integer("a"));
    refused("pagoda.a must be a number, not 'NaN'", "a = NaN", s -> s.number("a"));
    refused("pagoda.a must be true or false, not 'yes'", "a = yes", s -> s.flag("a"));
    refused("pagoda.a must be a text, not a list", "a = [1]", s -> s.string("a"));
    refused("pagoda.a must be a text, not an object", "a { b = 1 }", s -> s.string("a"));
    refused("pagoda.a must be a section, not a number", "a = 1", s -> s.section("a"));
    refused("pagoda.a must be a list, written [ … ]", "a = 1", s -> s.sections("a"));
    refused("pagoda.a must be a list of sections, not a number", "a = [1]", s -> s.sections("a"));
    refused("pagoda.a must be a list of texts, not a list", "a = [[]]", s -> s.strings("a"));
  }

  @Test
  void refusesAnUnknownChoice() {
    refused(
        "pagoda.graph.write must be one of [through, back, never], not 'sideways'",
        "graph.write = sideways", s -> s.section("graph").choice("write", WritePolicy.class));
    refused(
        "pagoda.graph.write must be one of [through, back, never], not 'BACK'",
        "graph.write = BACK", s -> s.section("graph").choice("write", WritePolicy.class));
  }

  @Test
  void refusesAnUnknownKeyAndTellsWhatIsKnown() {
    refused(
        "unknown key 'block-byte' in pagoda; did you mean 'block-bytes'? known here: "
            + "[block-bytes, communicator, connector, device, devices, engine, eviction, graph, "
            + "model, peers, plugins, quotas, tier, tiers, trace, transport, transports]",
        "block-byte = 16KiB", Section::refuseUnknown);
  }

  @Test
  void refusesAnUnknownKeyOfASectionThatWasRead() {
    refused(
        "unknown key 'colour' in pagoda.graph; known here: [admit, edges, promote, "
            + "recompute-tokens-per-second, write, write-price]",
        "graph.colour = red", s -> {
          s.section("graph").choice("promote", Promotion.class);
          s.refuseUnknown();
        });
  }

  @Test
  void readingDeclares() {
    Section section = written("mine = 1");
    assertThrows(SettingsException.class, section::refuseUnknown);
    section.integer("mine");
    section.refuseUnknown();
    Section asked = written("mine = 1");
    assertTrue(asked.has("mine"));
    asked.refuseUnknown();
  }

  @Test
  void leavesTheElementsOfAListToTheirReaders() {
    Section section = written("tiers = [ { type = ssd, capcity = 1GiB } ]");
    List<Section> tiers = section.elements("tiers");
    section.refuseUnknown();
    tiers.getFirst().string("type");
    tiers.getFirst().has("capacity");
    var e = assertThrows(SettingsException.class, tiers.getFirst()::refuseUnknown);
    assertEquals(
        directory.resolve("demo.conf")
            + ":2: unknown key 'capcity' in pagoda.tiers[0]; did you mean 'capacity'? "
            + "known here: [capacity, type]",
        e.getMessage());
  }

  @Test
  void refusesAnUnknownKeyOfAListedSectionThatWasRead() {
    refused(
        "unknown key 'direktory' in pagoda.devices[1]; did you mean 'directory'? "
            + "known here: [directory]",
        "devices = [ { directory = a }, { directory = b, direktory = c } ]", s -> {
          s.sections("devices").forEach(device -> device.has("directory"));
          s.sections("devices");
          s.refuseUnknown();
        });
  }

  @Test
  void anElementOverItsTypesSectionKnowsBoth() {
    Section section =
        written("tiers = [ { type = ssd, depth = 8 } ], tier.ssd { depth = 4, size = 1MiB }");
    Section tier = section.elements("tiers").getFirst();
    assertEquals("ssd", tier.string("type"));
    Section over = tier.over(section.section("tier").section("ssd"));
    assertEquals(8, over.integer("depth"));
    assertEquals(ByteSize.ofMebibytes(1), over.bytes("size"));
    over.refuseUnknown();
  }

  @Test
  void theSameSectionIsReadOnce() {
    Section section = written("graph.mine = 1");
    assertSame(section.section("graph"), section.section("graph"));
    section.section("graph").integer("mine");
    section.refuseUnknown();
  }

  @Test
  void readsTheRest() {
    Section s = written("a = 1.5, b = true, c = [x, 1], d = write-back, e = 7");
    assertEquals(1.5, s.number("a"));
    assertTrue(s.flag("b"));
    assertEquals(List.of("x", "1"), s.strings("c"));
    assertEquals("7", s.string("e"));
    assertEquals(7, s.integer("e"));
    assertEquals(TwoWords.WRITE_BACK, s.choice("d", TwoWords.class));
  }

  enum TwoWords {
    WRITE_BACK
  }

  @Test
  void tellsWhereAKeyStands() {
    Section s = written("tiers = [ { a = 1 } ]");
    Settings tier = s.sections("tiers").getFirst();
    assertEquals(directory.resolve("demo.conf") + ":2: pagoda.tiers[0].a", tier.origin("a"));
    assertEquals(directory.resolve("demo.conf") + ":2: pagoda.tiers[0].b", tier.origin("b"));
    assertTrue(
        s.origin("block-bytes")
            .matches("reference.conf of io.pagoda.core:\\d+: pagoda.block-bytes"),
        s.origin("block-bytes"));
  }

  @Test
  void pathsStartFromTheirFile() {
    Section s = written("a = data/x, b = /abs, c = ../up");
    assertEquals(directory.resolve("data/x"), s.path("a"));
    assertEquals(Path.of("/abs"), s.path("b"));
    assertEquals(directory.resolveSibling("up"), s.path("c"));
    refused("pagoda.a must be a path, not '\u0000'", "a = \"\\u0000\"", x -> x.path("a"));
  }
}
