package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store over a real SSD tier finds its blocks again, and every byte of them. */
class RestartBenchTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... args) {
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Pagoda.run(new Terminal(stream, stream, false, false), new ConfiguredStores(), args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyBlockIsFoundAgain() {
    String files = directory.toString();
    assertEquals(
        0,
        run("bench", "restart", "--slots", "2000", "--directory", files, "--keep", "--json", "-"),
        this::out);
    assertTrue(out().contains("\"revived_blocks\" : 2000"), this::out);
    assertTrue(out().contains("\"wrong_bytes\" : 0"), this::out);
    out.reset();
    assertEquals(
        0,
        run("bench", "restart", "--slots", "2000", "--directory", files, "--again", "--json", "-"),
        this::out);
    assertTrue(out().contains("\"revived_blocks\" : 2000"), this::out);
    assertTrue(out().contains("\"since_jvm_start_ns\""), this::out);
  }
}
