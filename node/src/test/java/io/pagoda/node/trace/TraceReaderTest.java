package io.pagoda.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceReaderTest {
  private static final String GOOD =
      "{\"timestamp\": 27, \"input_length\": 600, \"output_length\": 5, \"hash_ids\": [3, 4]}";

  @TempDir Path directory;

  private Path trace(String text) throws IOException {
    return Files.writeString(directory.resolve("trace.jsonl"), text);
  }

  private static List<TraceRequest> read(Path file) {
    List<TraceRequest> requests = new ArrayList<>();
    try (TraceReader reader = TraceReader.open(file, TraceFormat.MOONCAKE)) {
      Optional<TraceRequest> request = reader.next();
      while (request.isPresent()) {
        requests.add(request.get());
        request = reader.next();
      }
      assertEquals(1, reader.progress());
    }
    return requests;
  }

  @Test
  void readsEveryField() throws IOException {
    var expected = new TraceRequest(Duration.ofMillis(27), 600, 5, List.of(3L, 4L));
    assertEquals(List.of(expected), read(trace(GOOD + "\n")));
  }

  @Test
  void needsNoLastLineEndAndSkipsBlankLinesAndUnknownFields() throws IOException {
    String more = GOOD.replace("{", "{\"x\": {\"y\": [1, {}]}, ");
    assertEquals(3, read(trace("\n" + GOOD + "\r\n  \n" + more + "\n\n" + GOOD)).size());
  }

  @Test
  void anEmptyTraceHasNoRequests() throws IOException {
    assertEquals(List.of(), read(trace("")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~',
      value = {"{\"timestamp\": 27,                          | end-of-input",
        "[]                                          | expected an object",
        "17                                          | expected an object",
        "{} {}                                       | text after the object",
        "{\"input_length\": 1, \"output_length\": 1, \"hash_ids\": []} | 'timestamp' is missing",
        "{\"timestamp\": 1}                            | 'input_length' is missing",
        "{\"timestamp\": -1}                           | 'timestamp' must be from 0",
        "{\"timestamp\": 1e300}                        | 'timestamp' must be from 0",
        "{\"timestamp\": \"1\"}                          | 'timestamp' must be a number",
        "{\"timestamp\": null}                         | 'timestamp' must be a number",
        "{\"hash_ids\": 3}                             | 'hash_ids' must be an array",
        "{\"hash_ids\": [1, 2.5]}                      | 'hash_ids' must hold whole numbers",
        "{\"hash_ids\": [1, [2]]}                      | 'hash_ids' must hold whole numbers",
        "{\"hash_ids\": [5, 6, 5]}                     | 'hash_ids' holds 5 twice",
        "{\"hash_ids\": [99999999999999999999]}        | out of range",
        "{\"hash_ids\": [                              | end-of-input",
        "{'timestamp': 1}                            | column",
        "nonsense                                    | column",})
  void aMalformedLineIsNamedWithItsFile(String line, String complaint) throws IOException {
    Path file = trace(GOOD + "\n\n" + line + "\n" + GOOD + "\n");
    var failure = assertThrows(TraceException.class, () -> read(file));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith(file + ":3: "), message);
    assertTrue(message.contains(complaint), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aLineOfManyBlocksIsRead() throws IOException {
    List<Long> ids = LongStream.range(0, 300_000).boxed().toList();
    TraceRequest request =
        read(trace(GOOD.replace("[3, 4]", ids.toString()) + "\n" + GOOD)).getFirst();
    assertEquals(ids, request.hashIds());
  }

  @Test
  void aFileWithoutLineEndsIsRefusedBeforeItFillsTheMemory() throws IOException {
    Path file = directory.resolve("endless.jsonl");
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 17; i++) {
        out.write(spaces);
      }
    }
    var failure = assertThrows(TraceException.class, () -> read(file));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(":1: "), message);
    assertTrue(message.contains("longer than 16,777,216 bytes"), message);
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("missing.jsonl");
    var failure = assertThrows(TraceException.class, () -> read(missing));
    assertEquals(
        "Cannot read the trace %s: there is no such file".formatted(missing), failure.getMessage());
  }

  @Test
  void aDirectoryIsNoTrace() {
    var failure = assertThrows(TraceException.class, () -> read(directory));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("Cannot read the trace"), message);
  }
}
