package io.pagoda.node.attach;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An engine whose memory is a file, and that talks as one in another process would. */
class EngineSessionTest {
  private static final int TOKENS_PER_BLOCK = 16;

  /** Two layers, keys and values, 2 heads of 8 numbers of 2 bytes. */
  private static final int BLOCK_BYTES = 2 * 2 * 2 * 8 * 2 * TOKENS_PER_BLOCK;

  private static final int BLOCKS = 8;
  private static final String TOO_MANY_BLOCKS = """
      {"op": "put", "pool": "kv", "blocks": [1, 2],\
       "tokens": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]}""";

  private static final String MODEL = """
      pagoda.model { name = tiny, layers = 2, kv-heads = 2, head-size = 8, dtype = bf16,
        tokens-per-block = 16 }
      pagoda.tiers = [ { type = cpu, blocks = 8 } ]
      """;

  @TempDir Path directory;

  private Path memory = Path.of("");
  private byte[] written = {};

  @BeforeEach
  void writeMemory() throws IOException {
    written = new byte[BLOCKS * BLOCK_BYTES];
    new SplittableRandom(5).nextBytes(written);
    memory = Files.write(directory.resolve("kv"), written);
  }

  private List<String> session(String... requests) throws IOException {
    Path file = Files.writeString(directory.resolve("pagoda.conf"), MODEL);
    PagodaConfig config = PagodaConfig.load(Optional.of(file), Overrides.NONE);
    var out = new ByteArrayOutputStream();
    try (Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE);
        var session = new EngineSession(deployment.cache(), deployment.devices())) {
      session.serve(
          new BufferedReader(new StringReader(String.join("\n", requests))),
          new PrintStream(out, true, StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String register(int bytes) {
    return """
        {"op": "register", "pool": "kv", "layout": "block-first", "blocks": %d,\
         "ranks": [{"memory": [{"file": "%s", "bytes": %d}]}]}""".formatted(BLOCKS, memory, bytes);
  }

  private static String move(String op, int blocks, int first) {
    return """
        {"op": "%s", "pool": "kv", "tokens": %s, "blocks": %s}"""
        .formatted(op, numbers(0, blocks * TOKENS_PER_BLOCK), numbers(first, first + blocks));
  }

  private static String numbers(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void whatIsPutIsFetchedIntoOtherBlocks() throws IOException {
    List<String> answers = session(
        register(written.length), move("put", 3, 0), move("fetch", 4, 4), "",
        "{\"op\": \"match\", \"tokens\": " + numbers(0, 100) + "}", "{\"op\": \"reset\"}",
        move("fetch", 3, 0), "{\"op\": \"unregister\", \"pool\": \"kv\"}");
    assertEquals("{\"ok\":true,\"block_bytes\":" + BLOCK_BYTES + "}", answers.getFirst());
    assertTrue(answers.get(1).startsWith("{\"ok\":true,\"tokens\":48,"), answers.get(1));
    assertTrue(answers.get(2).startsWith("{\"ok\":true,\"tokens\":48,"), answers.get(2));
    assertEquals("{\"ok\":true,\"tokens\":48}", answers.get(3));
    assertTrue(answers.get(5).startsWith("{\"ok\":true,\"tokens\":0,"), answers.get(5));
    assertEquals("{\"ok\":true}", answers.getLast());
    byte[] expected = written.clone();
    System.arraycopy(written, 0, expected, 4 * BLOCK_BYTES, 3 * BLOCK_BYTES);
    assertArrayEquals(expected, Files.readAllBytes(memory), "the engine's whole memory");
  }

  @Test
  void anotherNamespaceIsAnotherPrefix() throws IOException {
    String put = move("put", 2, 0).replace("\"op\"", "\"namespace\": \"one\", \"op\"");
    String asked = "{\"op\": \"match\", \"namespace\": \"%s\", \"tokens\": " + numbers(0, 32) + "}";
    List<String> answers =
        session(register(written.length), put, asked.formatted("one"), asked.formatted("two"));
    assertEquals("{\"ok\":true,\"tokens\":32}", answers.get(2));
    assertEquals("{\"ok\":true,\"tokens\":0}", answers.get(3));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "nonsense | Unrecognized token 'nonsense'", "[] | a request is a JSON object",
    "{} {} | one JSON object, and there is more", "{\"pool\": \"kv\"} | 'op' is missing",
    "{\"op\": \"steal\"} | 'steal' is none of register",
    "{\"op\": \"fetch\", \"pool\": \"vk\"} | there is no pool 'vk'",
    "{\"op\": \"match\", \"tokens\": [1, \"2\"]} | a list of numbers has something else in it",
    "{\"op\": \"match\", \"tokens\": [-1,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5]} | not an unsigned number",
    "{\"op\": \"match\", \"tokens\": 7.5} | is neither a whole number",
    TOO_MANY_BLOCKS + " | 2 blocks",
    "{\"op\": \"register\", \"pool\": \"kv\"} | pool 'kv' is registered"})
  void aRefusalSaysWhyAndTheSessionGoesOn(String request, String reason) throws IOException {
    List<String> answers = session(register(written.length), request, move("put", 1, 0));
    assertTrue(answers.get(1).startsWith("{\"ok\":false,\"error\":\""), answers.get(1));
    assertTrue(answers.get(1).contains(reason), answers.get(1));
    assertTrue(answers.get(2).startsWith("{\"ok\":true,\"tokens\":16,"), answers.get(2));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`',
      value = {"\"file\": \"/nowhere/at/all\", \"bytes\": 8 | cannot be mapped",
        "\"bytes\": 8 | 'file' is missing"})
  void memoryThatIsNotThereIsRefused(String where, String reason) throws IOException {
    String request = """
        {"op": "register", "pool": "kv", "layout": "block-first", "blocks": 1,\
         "ranks": [{"memory": [{%s}]}]}""".formatted(where);
    List<String> answers = session(request, register(written.length));
    assertTrue(answers.getFirst().contains(reason), answers.getFirst());
    assertTrue(answers.getLast().startsWith("{\"ok\":true"), answers.getLast());
  }

  @Test
  void aFileThatIsTooShortAndADeviceThatIsNotOpenAreNamed() throws IOException {
    List<String> answers = session(
        register(written.length + 1), register(written.length - 1),
        register(written.length).replace("\"memory\"", "\"device\": \"GPU-1\", \"memory\""));
    String size = "has %,d bytes".formatted(written.length);
    assertTrue(answers.get(0).contains(size), answers.get(0));
    assertTrue(answers.get(1).startsWith("{\"ok\":false"), answers.get(1));
    assertTrue(answers.get(2).contains("No device GPU-1 is open"), answers.get(2));
    assertArrayEquals(written, Files.readAllBytes(memory), "the engine's memory");
  }
}
