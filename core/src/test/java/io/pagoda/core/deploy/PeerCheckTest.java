package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvRole;
import io.pagoda.core.communicate.CommunicatorSettings;
import io.pagoda.core.config.Complaint;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration says of those who move memory between processes. */
class PeerCheckTest {
  private static final String TIERS = "pagoda.tiers = [ { type = memory, blocks = 1 } ]";

  private final Plugins plugins =
      Plugins.onModulePath(new TrialTier("memory", true, Availability.READY), new TrialTransport());

  @TempDir Path directory;

  private List<String> complaints(String... lines) {
    String[] all = new String[lines.length + 1];
    System.arraycopy(lines, 0, all, 0, lines.length);
    all[lines.length] = TIERS;
    return messages(all);
  }

  private List<String> messages(String... all) {
    return ConfigCheck.of(ConfigFile.of(directory, all).load(), plugins)
        .complaints()
        .stream()
        .map(Complaint::message)
        .map(message -> message.replace(directory + "/", ""))
        .toList();
  }

  private Section root(String... lines) {
    return ConfigFile.of(directory, lines).load().settings();
  }

  @Test
  void whatNobodyAskedForMayBeMissing() {
    assertEquals(List.of(), complaints());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      transports = []              | transports names one transport at least
      transports = [a, b, a]       | transports names one transport at least, and each
      transports = [tape]          | no transport of type 'tape' (pagoda.transports at
      connector.deadline = 0s      | connector.deadline must be longer than zero
      connector.connect-timeout = 3| connector.connect-timeout = 3 has no unit
      connector.fallback = maybe   | connector.fallback must be true or false
      connector.fallbak = true     | unknown key 'fallbak' in pagoda.connector; did you mean
      connector.secret-file = none | connector.secret-file: cannot read
      communicator.role = both     | communicator.role must be one of [prefill, decode]
      communicator.port = 70000    | communicator.port must be 0 to 65535, not 70000
      communicator.interface="9.9.9.999" | interface: '9.9.9.999' is no interface
      communicator.lifetime = 0s   | communicator.lifetime must be longer than zero
      communicator.deadline = 0s   | communicator.deadline must be longer than zero
      communicator.transports=[x]  | no transport of type 'x' (pagoda.communicator.transports
      communicator.secret-file = x | communicator.secret-file: cannot read
      transport.trial.sise = 3KiB  | unknown key 'sise' in pagoda.transport.trial; did you mean
      transport.trial.size = 3     | transport.trial.size = 3 has no unit
      transport.trial.size = 3B    | transport.trial.size is too small
      transport.trial.part.x = 3B  | unknown key 'x' in pagoda.transport.trial.part
      transport.trial.part.patience = 7 | trial.part.patience = 7 has no unit
      transport.other.size = 3B    | unknown key 'other' in pagoda.transport
      communicator.rolle = decode  | unknown key 'rolle' in pagoda.communicator; did you mean
      """)
  void tellsWhatIsWrong(String line, String said) {
    List<String> complaints = complaints("pagoda." + line);
    assertEquals(1, complaints.size(), complaints::toString);
    assertTrue(complaints.getFirst().contains(said), complaints::toString);
  }

  /** Each of several transports' mistakes is told, and that of a sub-section beside them. */
  @Test
  void tellsAllThatIsWrongWithATransport() {
    List<String> complaints = complaints(
        "pagoda.transport.trial { size = 5KiB, sise = 6KiB", "part { patience = soon, y = 1 } }");
    assertEquals(3, complaints.size(), complaints::toString);
  }

  @Test
  void peersAnswerBeforeTheirTierIsTakenToHang() {
    String peers = "pagoda.tiers = ${pagoda.tiers} [ { type = peer, nodes = ["
        + " { name = a, address = \"a:1\" } ], deadline = 5s } ]";
    assertEquals(List.of(), after(peers, "pagoda.engine.tier-timeout = 5001ms"));
    List<String> complaints = after(peers, "pagoda.engine.tier-timeout = 5s");
    assertEquals(1, complaints.size(), complaints::toString);
    assertTrue(
        complaints.getFirst().contains("deadline must be less than engine.tier-timeout"),
        complaints::toString);
  }

  /** {@return what is said of the tiers and lines behind them} */
  private List<String> after(String... lines) {
    String[] all = new String[lines.length + 1];
    all[0] = TIERS;
    System.arraycopy(lines, 0, all, 1, lines.length);
    return messages(all);
  }

  @Test
  void aSecretMayNotBeShort() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "only 15 letters");
    List<String> complaints =
        complaints("pagoda.communicator.secret-file = \"%s\"".formatted(file));
    assertEquals(1, complaints.size(), complaints::toString);
    assertTrue(complaints.getFirst().contains("a secret has at least 16 characters"));
  }

  @Test
  void readsAllOfACommunicator() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "sixteen letters!\n");
    Section root = root(
        "pagoda.model.name = llama", "pagoda.communicator {", "role = decode",
        "transports = [rdma, tcp]", "interface = lo", "port = 4711", "connect-timeout = 2s",
        "deadline = 3s", "lifetime = 4h", "secret-file = \"%s\" }".formatted(file));
    CommunicatorPlan plan = CommunicatorPlan.read(root);
    assertEquals(List.of("rdma", "tcp"), plan.transports().types());
    CommunicatorSettings settings = plan.settings(root, "decode-1");
    assertEquals("decode-1", settings.name());
    assertEquals(KvRole.DECODE, settings.role());
    assertEquals("llama", settings.model());
    assertTrue(settings.bind().getAddress().isLoopbackAddress());
    assertEquals(4711, settings.bind().getPort());
    assertEquals(Duration.ofSeconds(2), settings.connectTimeout());
    assertEquals(Duration.ofSeconds(3), settings.deadline());
    assertEquals(Duration.ofHours(4), settings.lifetime());
    assertEquals(16, settings.secret().orElseThrow().length);
  }

  @Test
  void takesTheTransportsOfAll() {
    Section root = root("pagoda.transports = [rdma, tcp]", "pagoda.communicator.role = prefill");
    assertEquals(List.of("rdma", "tcp"), CommunicatorPlan.read(root).transports().types());
  }

  @Test
  void aRoleIsNeededToOpenOne() {
    Section root = root("pagoda.model.name = llama");
    CommunicatorPlan plan = CommunicatorPlan.read(root);
    var e = assertThrows(SettingsException.class, () -> plan.settings(root, "worker"));
    assertTrue(String.valueOf(e.getMessage()).contains("pagoda.communicator.role must say"));
  }
}
