package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pagoda.BlockKey;
import io.pagoda.ByteSize;
import io.pagoda.core.config.Overrides;
import io.pagoda.node.replay.FakeStore;
import io.pagoda.spi.SettingsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line, over a store in the heap. */
class CommandTest {
  private static final String LINE =
      "{\"timestamp\": 0, \"input_length\": 1000, \"output_length\": 5, \"hash_ids\": [1, 2]}\n";

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Overrides> opened = new ArrayList<>();
  private FakeStore store = new FakeStore(100);
  private Path trace = Path.of("");

  @BeforeEach
  void writeTrace() throws IOException {
    trace = Files.writeString(directory.resolve("trace.jsonl"), LINE.repeat(3));
  }

  private int run(String... args) {
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    StoreOpener stores = (_, overrides, _) -> {
      opened.add(overrides);
      return new OpenStore(store, ByteSize.ofKibibytes(4), 16, store::close);
    };
    return Pagoda.run(terminal, stores, args);
  }

  private int replay(String... more) {
    List<String> args =
        new ArrayList<>(List.of("replay", "--trace", trace.toString(), "--format", "mooncake"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aReplayReportsToPeople() {
    assertEquals(0, replay(), this::err);
    assertTrue(out().contains("Every one of the 16,384 bytes fetched is right."), this::out);
    assertTrue(out().lines().anyMatch(line -> line.matches("  block references +6")), this::out);
    assertEquals("", err());
  }

  @Test
  void theReportForMachinesHasThePromisedFields() throws IOException {
    assertEquals(0, replay("--json", "-"), this::err);
    Map<String, Object> report = flat(out());
    assertEquals(3L, report.get("/requests"));
    assertEquals(6L, report.get("/references"));
    assertEquals(4L, report.get("/prefix_hits"));
    assertEquals(0.666667, report.get("/hit_ratio"));
    assertEquals(4L, report.get("/hits_by_tier/heap"));
    assertEquals(0L, report.get("/evictions"));
    assertEquals(0L, report.get("/evictions_by_tier/heap"));
    assertEquals(0L, report.get("/mismatches"));
    assertEquals(16_384L, report.get("/verified_bytes"));
    assertTrue((double) value(report, "/seconds") > 0);
    assertTrue((long) value(report, "/peak_rss_bytes") > 1 << 20);
    assertEquals("heap", report.get("/hops/0/from"));
    assertEquals("engine", report.get("/hops/0/to"));
    assertEquals(4L, report.get("/hops/0/blocks"));
    assertEquals(16_384L, report.get("/hops/0/bytes"));
    assertEquals(0.016384, report.get("/hops/0/gb_per_s"));
    for (String stage : List.of("match", "plan", "fetch", "put")) {
      for (String percentile : List.of("p50", "p99", "p999")) {
        assertTrue(report.containsKey("/latency_us/" + stage + "/" + percentile), this::out);
      }
    }
    assertTrue((double) value(report, "/latency_us/fetch/p50") > 0);
  }

  private static Object value(Map<String, Object> report, String path) {
    Object value = report.get(path);
    if (value == null) {
      throw new AssertionError("no " + path + " in " + report.keySet());
    }
    return value;
  }

  /** Every number and text of a document by its path, such as /hops/0/from. */
  private static Map<String, Object> flat(String json) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        JsonToken token = parser.currentToken();
        String path = parser.getParsingContext().pathAsPointer().toString();
        switch (token) {
          case VALUE_NUMBER_INT -> values.put(path, parser.getLongValue());
          case VALUE_NUMBER_FLOAT -> values.put(path, parser.getDoubleValue());
          case VALUE_STRING -> values.put(path, parser.getText());
          default -> {}
        }
      }
    }
    return values;
  }

  @Test
  void jsonGoesToAFileBesideTheTable() throws IOException {
    Path file = directory.resolve("report.json");
    assertEquals(0, replay("--json", file.toString()), this::err);
    assertEquals(3L, flat(Files.readString(file)).get("/requests"));
    assertTrue(out().startsWith("Requests"), this::out);
  }

  @Test
  void jsonNeedsNoFile() throws IOException {
    assertEquals(0, run("replay", "--json", "--trace", trace.toString(), "--format=mooncake"));
    assertEquals(3L, flat(out()).get("/requests"));
  }

  @Test
  void aReportThatCannotBeWrittenIsRefusedBeforeTheWork() {
    assertEquals(ExitCode.IO, replay("--json", directory.resolve("no/report.json").toString()));
    assertEquals(List.of(), opened);
    assertOneLine("Cannot write");
  }

  @Test
  void tiersBlocksAndPolicyOverrideTheConfiguration() {
    assertEquals(
        0,
        replay(
            "--tier=cpu=10", "--tier=net=20", "--block-bytes=16KiB", "--policy=lru", "--set",
            "pagoda.engine.copy-threads=3"),
        this::err);
    Overrides overrides = Overrides.NONE.tier("cpu=10")
        .tier("net=20")
        .blockBytes("16KiB")
        .policy("lru")
        .set("pagoda.engine.copy-threads", "3");
    assertEquals(List.of(overrides), opened);
  }

  @Test
  void aDiskTierWithoutAPlaceGetsATemporaryOne() throws IOException {
    assertEquals(0, replay("--tier=cpu=10", "--tier=ssd=20"), this::err);
    Map<String, String> values = opened.getFirst().values();
    Path place = Path.of(values.getOrDefault("pagoda.tier.ssd.directory", "none"));
    assertTrue(place.isAbsolute(), place::toString);
    assertFalse(Files.exists(place.getParent()), "left behind: " + place);
  }

  @Test
  void wrongBytesEndWithOne() {
    store = new FakeStore(100) {
      @Override
      protected byte[] served(BlockKey key, byte[] right) {
        byte[] wrong = right.clone();
        wrong[7] ^= 1;
        return wrong;
      }
    };
    assertEquals(ExitCode.FAILED, replay());
    assertTrue(out().contains("FAILED: 4 wrong blocks were served."), this::out);
  }

  @Test
  void aMalformedLineIsNamed() throws IOException {
    trace = Files.writeString(directory.resolve("bad.jsonl"), LINE + "{\n");
    assertEquals(ExitCode.INPUT, replay());
    assertOneLine("bad.jsonl:2: not a request");
    assertEquals("", out());
  }

  @Test
  void anEmptyTraceIsRefused() throws IOException {
    trace = Files.createFile(directory.resolve("empty.jsonl"));
    assertEquals(ExitCode.INPUT, replay());
    assertOneLine("no request in this trace");
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "replay --trace x", "replay --trace x --format csv",
    "replay --trace x --format mooncake --speed fast",
    "replay --trace x --format mooncake --speed 0", "replay --trace x --format mooncake --limit 0",
    "replay --trace x --format mooncake --callers 0",
    "replay --trace x --format mooncake --callers many", "rewind", "demo --seed one", "",})
  void aSenselessCommandLineEndsWithTwo(String line) {
    assertEquals(ExitCode.USAGE, run(line.isEmpty() ? new String[0] : line.split(" ")));
    assertOneLine("--help");
  }

  @Test
  void settingsThatAreWrongEndWithSixtyFour() {
    assertEquals(ExitCode.CONFIGURATION, replay("--tier=cpu"));
    assertOneLine("TYPE=BLOCKS");
  }

  @Test
  void aDefectIsCalledOne() {
    store = new FakeStore(100) {
      @Override
      protected int storing(int wanted) {
        throw new IllegalStateException("impossible");
      }
    };
    assertEquals(ExitCode.DEFECT, replay());
    assertOneLine("java.lang.IllegalStateException: impossible");
  }

  @Test
  void stackTracesAreShownOnRequestOnly() {
    assertEquals(ExitCode.CONFIGURATION, replay("--tier=cpu", "--stacktrace"));
    assertTrue(err().contains("\tat io.pagoda"), this::err);
    assertTrue(err().contains(SettingsException.class.getName()), this::err);
  }

  @Test
  void helpTellsExitCodes() {
    assertEquals(0, run("replay", "--help"));
    assertTrue(out().contains("65   the trace is malformed"), this::out);
    assertTrue(out().contains("--speed"), this::out);
  }

  @Test
  void versionsAreTold() {
    assertEquals(0, run("--version"));
    assertTrue(out().startsWith("pagoda "), this::out);
  }

  private void assertOneLine(String part) {
    assertTrue(err().startsWith("pagoda: "), this::err);
    assertTrue(err().contains(part), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }
}
