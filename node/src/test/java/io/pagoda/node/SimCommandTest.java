package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.node.sim.Workload;
import io.pagoda.node.trace.Traces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulations beside the engine, and beside published figures. */
class SimCommandTest {
  private static final Pattern HIT_RATIO = Pattern.compile("\"hit_ratio\" : ([0-9.E-]+)");
  private static final double TOLERANCE = .0015;

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private void run(String... args) {
    assertEquals(0, code(args), () -> err.toString(StandardCharsets.UTF_8));
  }

  private int code(String... args) {
    out.reset();
    err.reset();
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), args);
  }

  private List<Double> hitRatios() {
    List<Double> ratios = new ArrayList<>();
    Matcher found = HIT_RATIO.matcher(out.toString(StandardCharsets.UTF_8));
    while (found.find()) {
      ratios.add(Double.parseDouble(found.group(1)));
    }
    return ratios;
  }

  /** Conversations that grow, beside prompts that come once, all under one system prompt. */
  private Path trace(String name, String timestamps) throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("pagoda.seed", 1));
    List<List<Integer>> talks = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    int next = 1;
    for (int i = 0; i < 600; i++) {
      boolean goesOn = !talks.isEmpty() && random.nextInt(3) > 0;
      List<Integer> talk =
          goesOn ? talks.get(random.nextInt(talks.size())) : new ArrayList<>(List.of(0));
      for (int more = random.nextInt(1, 6); more > 0 && talk.size() < 30; more--) {
        talk.add(next++);
      }
      if (!goesOn && random.nextBoolean()) {
        talks.add(talk);
      }
      lines.append(
          "{\"timestamp\": %s, \"input_length\": %d, \"output_length\": 1, \"hash_ids\": %s}%n"
              .formatted(timestamps.formatted(i + 1), talk.size() * 512, talk));
    }
    return Files.writeString(directory.resolve(name), lines);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lru", "fifo", "lfu", "slru", "lru-2", "arc", "s3-fifo", "sieve",
    "lfu-da", "gdsf", "length-aware", "w-tinylfu", "adaptive"})
  void hitsWhatTheEngineHits(String policy) throws IOException {
    Path trace = trace("talks.jsonl", "%d");
    for (String blocks : List.of("40", "150", "600")) {
      run(
          "replay", "--trace", trace.toString(), "--format", "mooncake", "--tier", "cpu=" + blocks,
          "--block-bytes", "4KiB", "--policy", policy, "--json");
      double engine = hitRatios().getFirst();
      run(
          "sim", "--trace", trace.toString(), "--policies", policy, "--capacities", blocks,
          "--json");
      assertTrue(engine > 0);
      assertEquals(engine, hitRatios().getFirst(), 1e-6, policy + " " + blocks);
    }
  }

  /** An optimum of one tier as large as both: nobody is above it, and it knows no tiers. */
  @Test
  void noPolicyIsAboveTheOptimumOfBothTiers() throws IOException {
    Path csv = directory.resolve("sim.csv");
    Path html = directory.resolve("sim.html");
    run(
        "sim", "--trace", trace("talks.jsonl", "%d").toString(), "--capacities", "40,150",
        "--below", "400", "--compute", "8", "--load-below", "1", "--csv", csv.toString(), "--html",
        html.toString());
    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.startsWith("Hit ratio of both tiers together by capacity of the first"), text);
    assertEquals(
        3, Pattern.compile("(?m)^ *belady-leaf +- +- *$").matcher(text).results().count(), text);
    List<String[]> rows = Files.readAllLines(csv).stream().map(row -> row.split(",", -1)).toList();
    for (String capacity : List.of("40", "150")) {
      double bound = hits(rows, "belady-leaf", capacity);
      for (String[] row : rows.subList(1, rows.size())) {
        boolean optimum = row[0].startsWith("belady");
        assertTrue(!row[1].equals(capacity) || Double.parseDouble(row[3]) <= bound, row[0]);
        for (int column = 4; column <= 6; column++) {
          assertEquals(optimum, row[column].isEmpty(), row[0] + " " + column);
        }
      }
    }
    String page = Files.readString(html).split("<pre>", -1)[0];
    assertEquals(1, occurrences(page, ">belady-leaf</text>"));
    assertEquals(3, occurrences(page, ">lru</text>"));
  }

  @Test
  void anOptimumTellsNothingOfEachOfTwoTiersToMachines() throws IOException {
    run(
        "sim", "--trace", trace("talks.jsonl", "%d").toString(), "--policies", "belady-leaf",
        "--capacities", "40", "--below", "400", "--compute", "8", "--json");
    String json = out.toString(StandardCharsets.UTF_8);
    assertEquals(1, hitRatios().size());
    for (String field : List.of("hit_ratio_below", "writes_below", "first_token_ms")) {
      assertEquals(0, occurrences(json, '"' + field + '"'), field);
    }
    run(
        "sim", "--trace", trace("talks.jsonl", "%d").toString(), "--policies", "belady-leaf",
        "--capacities", "440", "--compute", "8", "--json");
    assertTrue(number(out.toString(StandardCharsets.UTF_8), "first_token_ms") > 0);
  }

  private static double hits(List<String[]> rows, String policy, String capacity) {
    return rows.stream()
        .filter(row -> row[0].equals(policy) && row[1].equals(capacity))
        .mapToDouble(row -> Double.parseDouble(row[3]))
        .findFirst()
        .orElseThrow();
  }

  private static int occurrences(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"--policies lru,fifo,lru | is named more than once",
    "--write back | --write needs --below", "--promote move | --promote needs --below",
    "--admit second_touch | --admit needs --below",
    "--write-price .1 | --write-price needs --below",
    "--compute 8 --load-below 1 | --load-below needs --below", "--load 1 | --load needs --compute",
    "--below 9 --load-below 1 | --load-below needs --compute",
    "--format bailian | --format needs --trace", "--below 268435447 | at most 268,435,456 blocks"})
  void whatWouldCountForNothingOrIsTooMuchIsRefused(String options, String complaint) {
    List<String> args =
        new ArrayList<>(List.of("sim", "--generate", "chat:1:100", "--capacities", "10"));
    args.addAll(List.of(options.split(" ", -1)));
    assertEquals(ExitCode.USAGE, code(args.toArray(String[]::new)));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains(complaint), err::toString);
  }

  /** A simulation of so many blocks takes hours; a name is wrong at once. */
  @Test
  void aPolicyThatThereIsNotIsToldBeforeAnythingIsSimulated() {
    int code = code(
        "sim", "--generate", "chat:1:1000000000000", "--capacities", "10", "--policies",
        "lru,lruu");
    assertEquals(ExitCode.CONFIGURATION, code);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("lruu"), err::toString);
  }

  @Test
  void simulatesWhatAStoreRecordedAsWhatItWasAsked() throws IOException {
    Path trace = trace("talks.jsonl", "%d");
    Path recorded = directory.resolve("recorded.jsonl");
    run(
        "replay", "--trace", trace.toString(), "--format", "mooncake", "--tier", "cpu=150",
        "--block-bytes", "4KiB", "--policy", "lru", "--set", "pagoda.trace.file=" + recorded,
        "--json");
    String engine = out.toString(StandardCharsets.UTF_8);
    for (String blocks : List.of("150", "600")) {
      run(
          "sim", "--trace", trace.toString(), "--policies", "lru", "--capacities", blocks,
          "--json");
      String asked = out.toString(StandardCharsets.UTF_8);
      run(
          "sim", "--trace", recorded.toString(), "--format", "pagoda", "--policies", "lru",
          "--capacities", blocks, "--json");
      String again = out.toString(StandardCharsets.UTF_8);
      assertEquals(number(engine, "requests"), number(again, "requests"));
      for (String field : List.of("requests", "references", "hit_ratio")) {
        assertEquals(number(asked, field), number(again, field), field + " " + blocks);
      }
    }
  }

  @Test
  void readsTracesInSeconds() throws IOException {
    Path millis = trace("millis.jsonl", "%d000");
    Path seconds = trace("seconds.jsonl", "%d.0");
    run("sim", "--trace", millis.toString(), "--policies", "lru", "--capacities", "99", "--json");
    List<Double> expected = hitRatios();
    run(
        "sim", "--trace", seconds.toString(), "--format", "bailian", "--policies", "lru",
        "--capacities", "99", "--json");
    assertEquals(expected, hitRatios());
  }

  @Test
  void writesTablesAndPages() throws IOException {
    Path csv = directory.resolve("sim.csv");
    Path html = directory.resolve("sim.html");
    run(
        "sim", "--trace", trace("talks.jsonl", "%d").toString(), "--policies", "lru,belady",
        "--capacities", "10,100", "--csv", csv.toString(), "--html", html.toString());
    assertEquals(5, Files.readAllLines(csv).size());
    assertTrue(Files.readString(html).contains("<polyline"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("belady"));
  }

  @Test
  void estimatesTheTimeToTheFirstTokenFromWhatBlocksCost() throws IOException {
    Path html = directory.resolve("sim.html");
    run(
        "sim", "--trace", trace("talks.jsonl", "%d").toString(), "--policies", "lru",
        "--capacities", "100000", "--compute", "8", "--load", "2", "--html", html.toString(),
        "--json");
    String json = out.toString(StandardCharsets.UTF_8);
    double hits = hitRatios().getFirst();
    double blocks = number(json, "references") / number(json, "requests");
    assertEquals(blocks * (hits * 2 + (1 - hits) * 8), number(json, "first_token_ms"), 1e-2);
    assertTrue(Files.readString(html).contains("time to the first token"));
  }

  private static double number(String json, String field) {
    Matcher found = Pattern.compile('"' + field + "\" : ([0-9.E-]+)").matcher(json);
    assertTrue(found.find(), field);
    return Double.parseDouble(found.group(1));
  }

  /** Copies that are written through come to a policy in the order of their prefix too. */
  @ParameterizedTest
  @ValueSource(strings = {"lru", "lfu-da", "adaptive"})
  void aTierWrittenThroughHoldsWhatAFirstTierOfItsSizeWould(String policy) {
    String requests = "chat:" + Long.getLong("pagoda.seed", 1) + ":40000";
    run("sim", "--generate", requests, "--policies", policy, "--capacities", "4000", "--json");
    double alone = hitRatios().getFirst();
    run(
        "sim", "--generate", requests, "--policies", policy, "--capacities", "800", "--below",
        "4000", "--write", "through", "--promote", "copy", "--json");
    double below = hitRatios().getFirst();
    assertTrue(below >= .97 * alone, policy + " " + requests + ": " + below + ", not " + alone);
  }

  @Test
  void theSameSeedMakesTheSameRequests() {
    var once = new Workload(Workload.Kind.MIXED, 5, 20_000).trace();
    var again = Workload.of("mixed:5:20000").trace();
    assertEquals(once.references(), again.references());
    assertEquals(once.requests(), again.requests());
    assertNotEquals(once.requests(), Workload.of("mixed:6:20000").trace().requests());
    assertThrows(IllegalArgumentException.class, () -> Workload.of("mixed:5:6:7"));
    assertThrows(IllegalArgumentException.class, () -> Workload.of("poetry"));
  }

  /** Whatever is asked: no other practical policy is much better, none of them everywhere. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LOOP")
  void adaptiveIsNearTheBestOfTheOthers(Workload.Kind kind) {
    String workload = kind.word() + ":" + Long.getLong("pagoda.seed", 1) + ":60000";
    run(
        "sim", "--generate", workload, "--capacities", "1000,5000", "--json", "--policies",
        "adaptive,lru,lru-2,arc,s3-fifo,lfu-da,sieve");
    List<Double> ratios = hitRatios();
    for (int capacity = 0; capacity < 2; capacity++) {
      double best = 0;
      for (int i = 2 + capacity; i < ratios.size(); i += 2) {
        best = Math.max(best, ratios.get(i));
      }
      assertTrue(ratios.get(capacity) >= best - .015, workload + " " + ratios);
    }
  }

  /** Of Mooncake's conversations; the figures are those of an independent simulator. */
  @ParameterizedTest
  @CsvSource({"fifo, .0434 .0627 .1248 .1815 .2944 .3335 .3560",
    "lru, .0445 .0650 .1355 .2112 .3257 .3546 .3635",
    "lfu, .0481 .0747 .0966 .1318 .2759 .3438 .3631",
    "lfu-da, .0447 .0705 .1439 .2167 .3284 .3548 .3631",
    "lru-2, .0761 .1340 .1783 .2154 .2794 .3430 .3631",
    "arc, .0529 .0869 .1486 .2246 .3107 .3433 .3631",
    "sieve, .0481 .0747 .0966 .1318 .2759 .3438 .3631",
    "s3-fifo, .0556 .0874 .1519 .1952 .3039 .3490 .3624",
    "belady, .1796 .2904 .3504 .3664 .3664 .3664 .3664"})
  void reproducesPublishedFigures(String policy, String figures) {
    Path trace = Traces.conversations();
    run(
        "sim", "--trace", trace.toString(), "--model", "plain", "--policies", policy,
        "--capacities", "1000,3000,5859,10000,30000,50000,97656", "--json");
    String[] expected = figures.split(" ", -1);
    List<Double> found = hitRatios();
    assertEquals(expected.length, found.size());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(Double.parseDouble(expected[i]), found.get(i), TOLERANCE, policy + " " + i);
    }
  }
}
