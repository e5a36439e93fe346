package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCommandTest {
  private static final String LAYERS = "layers=2,kv-heads=4,head-size=8,dtype=fp16";

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path trace = Path.of("");

  private int run(String... args) {
    out.reset();
    err.reset();
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), args);
  }

  private int plan(String model, String... more) {
    List<String> args =
        new ArrayList<>(List.of("plan", "--model", model, "--trace", trace.toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Requests that continue one of the last prefixes, or begin anew. */
  @BeforeEach
  void writeTrace() throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("pagoda.seed", 1));
    List<List<Long>> prompts = new ArrayList<>(List.of(List.of(0L)));
    StringBuilder lines = new StringBuilder();
    long nextId = 1;
    for (int i = 0; i < 500; i++) {
      int back = 1 + random.nextInt(Math.min(prompts.size(), 80));
      List<Long> prompt = new ArrayList<>(prompts.get(prompts.size() - back));
      prompt.subList(Math.min(prompt.size(), 12), prompt.size()).clear();
      for (int more = random.nextInt(6); more >= 0; more--) {
        prompt.add(nextId++);
      }
      prompts.add(prompt);
      lines.append(
          "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": 1, \"hash_ids\": %s}%n"
              .formatted(i, 512 * prompt.size(), prompt));
    }
    trace = Files.writeString(directory.resolve("trace.jsonl"), lines);
  }

  /** Every number of the report by its path, such as /capacities/0/blocks. */
  private Map<String, Double> numbers() throws IOException {
    Map<String, Double> numbers = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(out())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken().isNumeric()) {
          numbers
              .put(parser.getParsingContext().pathAsPointer().toString(), parser.getDoubleValue());
        }
      }
    }
    return numbers;
  }

  private double number(String path) throws IOException {
    Map<String, Double> numbers = numbers();
    assertTrue(numbers.containsKey(path), () -> path + " is not in " + numbers);
    return numbers.getOrDefault(path, Double.NaN);
  }

  /** The engine replays the trace through real host memory, and has the ratio that was planned. */
  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300, 900})
  void theEngineHasTheHitsThatWerePlanned(int blocks) throws IOException {
    int code = run(
        "replay", "--trace", trace.toString(), "--format", "mooncake", "--tier", "cpu=" + blocks,
        "--block-bytes", "4KiB", "--policy", "lru", "--json");
    assertEquals(0, code, this::err);
    double engine = number("/hit_ratio");
    long bytes = blocks * 2L * 2 * 4 * 8 * 2 * 512;
    assertEquals(0, plan(LAYERS, "--block-tokens=512", "--json", "--memory=" + bytes + "B"));
    assertEquals(blocks, number("/given/0/blocks"));
    assertEquals(engine, number("/given/0/hit_ratio"), .003);
    assertTrue(engine > 0 && engine <= number("/best_hit_ratio"), this::out);
  }

  @Test
  void blocksOfTheStoreArePartsOfBlocksOfTheTrace() throws IOException {
    assertEquals(0, plan(LAYERS, "--block-tokens=512", "--json"), this::err);
    Map<String, Double> whole = numbers();
    assertEquals(0, plan(LAYERS, "--block-tokens=64", "--json"), this::err);
    Map<String, Double> parts = numbers();
    assertEquals(8, number("/store_blocks_per_trace_block"));
    assertEquals(whole.keySet(), parts.keySet());
    whole.forEach((path, value) -> {
      boolean blocks =
          path.endsWith("/blocks") || path.equals("/references") || path.equals("/distinct_blocks");
      boolean ofBlock = path.contains("block_bytes");
      if (!path.contains("tokens_per_block") && !path.contains("per_trace_block")) {
        double scale = blocks ? 8 : ofBlock ? 1 / 8.0 : 1;
        assertEquals(value * scale, parts.getOrDefault(path, Double.NaN), path);
      }
    });
  }

  @Test
  void reportsToPeople() {
    assertEquals(0, plan("llama-3.1-8b", "--memory=64GiB", "--disk=1TiB"), this::err);
    assertTrue(out().contains("A block of the trace has 512 tokens: 32 blocks of the store."));
    assertTrue(out().matches("(?s).*bytes per token +131,072 +128 KiB\n.*"), this::out);
    assertTrue(out().matches("(?s).*of that each rank +2,097,152 +2 MiB\n.*"), this::out);
    assertTrue(out().matches("(?s).*\n +99 % .*"), this::out);
    assertTrue(out().matches("(?s).*\n +memory +32,768 +64 GiB .*"), this::out);
    assertTrue(out().matches("(?s).*\n +memory and disk +557,056 +1.1 TiB .*"), this::out);
    assertEquals("", err());
  }

  @Test
  void ranksShareHeadsAndLatentsAreKeptOnce() throws IOException {
    assertEquals(0, plan("preset=llama-3.1-8b,tp=4", "--json"), this::err);
    assertEquals(524_288, number("/rank_block_bytes/3"));
    assertEquals(0, plan("layers=61,mla,head-size=576,dtype=bf16,tp=2", "--json"), this::err);
    assertEquals(70_272, number("/bytes_per_token"));
    assertEquals(16 * 70_272, number("/rank_block_bytes/0"));
    assertEquals(0, number("/rank_block_bytes/1"));
  }

  @Test
  void readsAModelsOwnFile() throws IOException {
    Path file = Files.writeString(directory.resolve("config.json"), """
        { "head_dim": 64, "num_attention_heads": 4, "num_hidden_layers": 2, "dtype": "float16" }
        """);
    assertEquals(0, plan(file.toString(), "--json"), this::err);
    assertEquals(2048, number("/bytes_per_token"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|',
      value = {"llama-3.1-9b | did you mean", "layers=2,kv-heads=4,hed-size=8 | head-size",
        "layers=2,kv-heads,head-size=8 | is no KEY=VALUE",
        "name=nothing | does not tell what the layers are", "none.json | no such file",
        "layers=2,kv-heads=4,head-size=8,tp=3 | cannot be shared by 3 ranks"})
  void refusesWhatIsNoModel(String model, String complaint) {
    assertEquals(ExitCode.CONFIGURATION, plan(model), this::out);
    assertTrue(err().contains(complaint), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"--block-tokens=1024 | a block of the trace has 512 tokens",
    "--disk=1GiB | --disk needs --memory", "--memory=64 | such as 64GiB", "--memory=0x | such as"})
  void refusesWhatMakesNoSense(String option, String complaint) {
    assertEquals(ExitCode.USAGE, plan(LAYERS, option), this::out);
    assertTrue(err().contains(complaint), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @Test
  void anEmptyTraceIsRefused() throws IOException {
    trace = Files.createFile(directory.resolve("empty.jsonl"));
    assertEquals(ExitCode.INPUT, plan(LAYERS));
    assertTrue(err().contains("no request in this trace"), this::err);
  }

  @Test
  void helpNamesTheFormatsThatCanBePlannedFrom() {
    assertEquals(0, run("plan", "--help"), this::err);
    assertTrue(out().contains("mooncake, bailian"), this::out);
    assertFalse(out().contains("pagoda,") || out().contains(", pagoda"), this::out);
  }
}
