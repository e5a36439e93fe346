package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConfigCheck;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that tell of a configuration, over the real tiers. */
class ConfigCommandTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Path file(String... lines) throws IOException {
    return Files.write(directory.resolve("store.conf"), List.of(lines));
  }

  private int run(Path file, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--config", file.toString()));
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), all.toArray(String[]::new));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(directory + "/", "");
  }

  @Test
  void aCheckTellsSizes() throws IOException {
    Path file = file(
        "pagoda.model.preset = llama-3.1-8b",
        "pagoda.tiers = [ { name = host, type = cpu, blocks = 1000000 }",
        "{ type = ssd, capacity = 1TiB, directory = blocks } ]");
    assertEquals(0, run(file, "config", "--check"), this::err);
    assertEquals("", err());
    assertTrue(out().matches("(?s).*bytes per token +131,072 +128 KiB\n.*"), this::out);
    assertTrue(out().matches("(?s).*bytes per block +2,097,152 +2 MiB\n.*"), this::out);
    assertTrue(
        out().matches("(?s).*host +cpu +1,000,000 +2,097,152,000,000 +1.9 TiB\n.*"), this::out);
    assertTrue(out().matches("(?s).*ssd +ssd +524,288 +1,099,511,627,776 +1 TiB\n.*"), this::out);
    assertFalse(Files.exists(directory.resolve("blocks")), "it opened a tier");
  }

  /** What the tcp transport would refuse when it is opened. */
  @Test
  void aCheckTellsWhatIsWrongWithATransport() throws IOException {
    Files.writeString(directory.resolve("node.crt"), "no certificate");
    String tls = "enabled = true, certificate = node.crt, key = node.crt, trust = node.crt";
    for (String[] wrong : new String[][] {{"pieces = 1MiB", "unknown key 'pieces'"},
      {"silence = 5", "silence = 5 has no unit"}, {"window = 65", "window must be 1 to 64, not 65"},
      {"listen = nowhere", "listen is a host and a port"},
      {"secret-file = absent", "secret-file: cannot read"},
      {"tls { enabled = true, trust = absent }", "trust: "},
      {"tls { enabled = true }", "tls.trust"}, {"tls { truts = a }", "'truts'"},
      {"tls { peer-names = [a], verify-peer = false }", "set verify-peer = true"},
      {"tls { peer-names = [\"a*\"] }", "peer-names: 'a*' is no name"},
      {"tls { %s }".formatted(tls), "node.crt"}}) {
      out.reset();
      err.reset();
      Path file = file(
          "pagoda.tiers = [ { type = cpu, blocks = 10 } ]",
          "pagoda.transport.tcp { %s }".formatted(wrong[0]));
      assertEquals(ExitCode.CONFIGURATION, run(file, "config", "--check"), wrong[0]);
      assertTrue(err().contains(wrong[1]), this::err);
      assertEquals(1, err().lines().count(), this::err);
    }
  }

  @Test
  void aCheckTellsEveryMistakeInALineOfItsOwn() throws IOException {
    Path file = file(
        "pagoda.engine.copy-thread = 3", "pagoda.engine.job-timeout = 5",
        "pagoda.tiers = [ { type = cpu, blocks = 10, huge-page = off, pre-touch = maybe }",
        "{ type = ssd, blocks = 10, directry = blocks } ]", "pagoda.tier.ssd.queue-depth = much");
    assertEquals(ExitCode.CONFIGURATION, run(file, "config", "--check"), this::out);
    assertEquals(
        List.of(
            "pagoda: store.conf:2: pagoda.engine.job-timeout = 5 has no unit: write a unit, "
                + "e.g. 250ms",
            "pagoda: store.conf:1: unknown key 'copy-thread' in pagoda.engine; did you mean "
                + "'copy-threads'? known here: [copy-threads, job-timeout, layer-sections, "
                + "look-up, pin-timeout, scrub, tier-failures, tier-timeout]",
            "pagoda: store.conf:3: pagoda.tiers[0].pre-touch must be true or false, not 'maybe'",
            "pagoda: store.conf:3: unknown key 'huge-page' in pagoda.tiers[0]; did you mean "
                + "'huge-pages'? known here: [blocks, capacity, eviction, huge-pages, name, "
                + "optional, pre-touch, type]",
            "pagoda: store.conf:4: pagoda.tiers[1].directory is required and has no default",
            "pagoda: store.conf:5: pagoda.tiers[1].queue-depth must be a whole number of at most "
                + "32 bits, not 'much'",
            "pagoda: store.conf:4: unknown key 'directry' in pagoda.tiers[1]; did you mean "
                + "'directory'? known here: [blocks, capacity, deadline, devices, direct, "
                + "directory, durability, engine, eviction, file-size, name, on-mismatch, "
                + "optional, preallocate, punch-hole, queue-depth, registered-memory, "
                + "request-size, rings, type, write-budget]"),
        err().lines().toList());
    assertEquals("", out());
  }

  @Test
  void aWrongSizeHidesNothingThatIsReadAfterIt() throws IOException {
    Path file = file(
        "pagoda.model.preset = llama-3.1-8b", "pagoda.block-bytes = 1MiB",
        "pagoda.tiers = [ { type = cpu, blocks = 0, colour = red, pre-touch = 3 }",
        "{ type = ssd, queue-depth = 9999, directory = blocks } ]");
    assertEquals(ExitCode.CONFIGURATION, run(file, "config", "--check"), this::out);
    assertEquals(
        List.of(
            "pagoda: store.conf:2: pagoda.block-bytes is 1048576 bytes, but blocks of 16 tokens of "
                + "store.conf: pagoda.model have 2097152 bytes (2 MiB): leave it out",
            "pagoda: store.conf:3: pagoda.tiers[0].blocks: a tier holds 1 to 2147483647 blocks of "
                + "2097152 bytes; this asks for 0",
            "pagoda: store.conf:3: pagoda.tiers[0].pre-touch must be true or false, not '3'",
            "pagoda: store.conf:3: unknown key 'colour' in pagoda.tiers[0]; known here: [blocks, "
                + "capacity, eviction, huge-pages, name, optional, pre-touch, type]",
            "pagoda: store.conf:4: pagoda.tiers[1].capacity: a tier needs a capacity, or a number "
                + "of blocks",
            "pagoda: store.conf:4: pagoda.tiers[1].queue-depth: must be 1 to 4096, not 9999"),
        err().lines().toList());
  }

  @Test
  void aCheckTellsMachines() throws IOException {
    Path file = file(
        "pagoda.model { preset = qwen3-8b, tokens-per-block = 32 }",
        "pagoda.tiers = [ { type = cpu, blocks = 3 }, { type = s3, optional = true } ]");
    assertEquals(0, run(file, "config", "--check", "--json"), this::err);
    for (String field : List.of(
        "\"passed\" : true", "\"bytes_per_token\" : 147456.0", "\"block_bytes\" : 4718592",
        "\"blocks\" : 3", "\"bytes\" : 14155776", "\"type\" : \"s3\"")) {
      assertTrue(out().contains(field), () -> field + " is not in " + out());
    }
  }

  @Test
  void aListOfKeysRefusesThoseThatNobodyKnows() throws IOException {
    Path file = file(
        "pagoda.block-byte = 4KiB", "pagoda.tier.ssd.queue-deep = 4",
        "pagoda.tiers = [ { type = ssd, blocks = 1, direct = fals, quue-depth = 4 } ]");
    assertEquals(ExitCode.CONFIGURATION, run(file, "config"), this::out);
    assertEquals("", out());
    assertEquals(3, err().lines().count(), this::err);
    assertTrue(err().contains("store.conf:1: unknown key 'block-byte' in pagoda;"), this::err);
    assertTrue(
        err().contains("store.conf:3: unknown key 'quue-depth' in pagoda.tiers[0];"), this::err);
    assertTrue(
        err().contains("store.conf:2: unknown key 'queue-deep' in pagoda.tiers[0];"), this::err);
  }

  @Test
  void aListOfKeysNeedsNoTiers() throws IOException {
    assertEquals(0, run(file("pagoda.block-bytes = 4KiB"), "config"), this::err);
    assertTrue(out().contains("pagoda.block-bytes = 4KiB"), this::out);
  }

  @Test
  void aMissingOptionalTierIsToldAmongThePlugins() throws IOException {
    Path file =
        file("pagoda.tiers = [ { type = cpu, blocks = 3 }, { type = s3, optional = true } ]");
    assertEquals(0, run(file, "plugins"), this::err);
    assertTrue(
        out().contains("the optional tier 's3' is left out: no tier of type 's3'"), this::out);
  }

  /** What a provider says that a tier would be is what it is when it is open. */
  @Test
  void tiersAreWhatTheirPreviewsSay() throws IOException {
    PagodaConfig config = PagodaConfig.load(
        Optional.of(
            file(
                "pagoda.block-bytes = 8KiB", "pagoda.tiers = [ { type = cpu, capacity = 1MiB }",
                "{ type = ssd, blocks = 77, directory = blocks, queue-depth = 9 }",
                "{ name = b, type = ssd, capacity = 2MiB, directory = b, direct = false } ]")),
        Overrides.NONE);
    try (Plugins plugins = Plugins.in(config.plugins())) {
      ConfigCheck check = ConfigCheck.of(config, plugins);
      assertFalse(Files.exists(directory.resolve("blocks")), "it opened a tier");
      try (Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE)) {
        assertEquals(
            deployment.graph().tiers().stream().map(node -> node.tier().spec()).toList(),
            check.tiers().stream().map(tier -> tier.spec().orElseThrow()).toList());
      }
    }
  }
}
