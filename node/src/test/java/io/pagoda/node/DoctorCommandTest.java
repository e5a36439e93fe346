package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the doctor says of this machine. */
class DoctorCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aMachineWithoutGpuHearsWhatIsMissing() {
    assumeTrue(Files.notExists(Path.of("/dev/nvidiactl")), "this machine has a GPU");
    assertEquals(64, run("doctor", "gpu"), err::toString);
    assertTrue(out().contains("gpu, type cuda: Unavailable(no libcuda.so.1"), this::out);
    assertTrue(out().contains("locked memory (ulimit -l)"), this::out);
    assertTrue(out().contains("--gpus all"), "what would help: " + out());
  }

  @Test
  void machinesReadTheSame() {
    assumeTrue(Files.notExists(Path.of("/dev/nvidiactl")), "this machine has a GPU");
    assertEquals(64, run("doctor", "--json"), err::toString);
    assertTrue(out().startsWith("{"), this::out);
    assertTrue(out().contains("\"hinders\" : true"), this::out);
  }

  @Test
  void transportsSayWhetherTheyCanBeUsed() {
    assertEquals(0, run("doctor", "transport"), err::toString);
    assertTrue(out().contains("transport, type tcp: "), this::out);
  }

  @Test
  void aSettingThatIsRefusedIsSaidOfTheSettings() {
    run("doctor", "transport", "--set", "pagoda.transport.tcp.connections=0");
    assertTrue(out().contains("settings"), this::out);
    assertTrue(out().contains("pagoda.transport.tcp.connections"), this::out);
    assertFalse(out().contains("it failed"), this::out);
  }

  @Test
  void anUnknownTopicIsRefusedWithThoseThatThereAre() {
    assertEquals(2, run("doctor", "weather"));
    assertTrue(
        err.toString(StandardCharsets.UTF_8).contains("'weather'; there are gpu"), err::toString);
  }
}
