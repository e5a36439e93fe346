package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Complaint;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCheckTest {
  private static final String CORE =
      Deployment.class.getModule().getDescriptor().toNameAndVersion().replace('@', ' ')
          + " in module path";

  private final TrialTier memory = new TrialTier("memory", true, Availability.READY);
  private final TrialTier disk = new TrialTier("disk", false, Availability.READY);
  private final TrialTier gpu =
      new TrialTier("gpu", false, new Availability.Unavailable("there is no GPU"));
  private final Plugins plugins = Plugins.onModulePath(memory, disk, gpu);

  @TempDir Path directory;

  private ConfigCheck check(String... lines) {
    return ConfigCheck.of(ConfigFile.of(directory, lines).load(), plugins);
  }

  /** What is wrong, without the directory of the file. */
  private List<String> complaints(String... lines) {
    return check(lines).complaints()
        .stream()
        .map(Complaint::message)
        .map(message -> message.replace(directory + "/", ""))
        .toList();
  }

  @AfterEach
  void nothingWasOpened() {
    assertEquals(List.of(), memory.events);
    assertEquals(List.of(), disk.events);
  }

  @Test
  void tellsWhatAStoreWouldBe() {
    ConfigCheck check = check(
        "pagoda {", "model { preset = llama-3.1-8b, tensor-parallel = 2 }",
        "tiers = [ { name = host, type = memory, capacity = 1GiB }, { type = disk, blocks = 7 } ]",
        "}");
    assertTrue(check.passed(), check::toString);
    assertEquals(2L << 20, check.blockBytes().orElseThrow());
    assertEquals(
        List.of(512, 7),
        check.tiers()
            .stream()
            .map(tier -> tier.spec().map(TierSpec::slots).orElseThrow())
            .toList());
    assertEquals(
        List.of("host", "disk"), check.tiers().stream().map(ConfigCheck.Tier::name).toList());
  }

  @Test
  void tellsWhatIsWrongWithStaging() {
    List<String> all = complaints(
        "pagoda { block-bytes = 4KiB, tiers = [ { type = memory, blocks = 8 } ]",
        "connector.staging = lots }");
    assertEquals(1, all.size(), all::toString);
    assertTrue(all.getFirst().startsWith("demo.conf:2: pagoda.connector.staging"), all::toString);
  }

  @Test
  void tellsEverythingThatIsWrong() {
    assertEquals(
        List.of(
            "demo.conf:2: pagoda.model.tokens-per-block must be a whole number of at most 32 bits, "
                + "not 'many'",
            "demo.conf:3: pagoda.block-bytes = 4096 has no unit: write a unit, e.g. 4KiB",
            "demo.conf:7: pagoda.tiers[3].name: another tier is called 'disk' already",
            "demo.conf:8: pagoda.graph.write must be one of [through, back, never], "
                + "not 'sideways'",
            "demo.conf:9: pagoda.engine.pin-timeout = '1x' has an unknown unit 'x'; units are "
                + "ns, us, ms, s, min, h, d",
            "demo.conf:9: pagoda.engine.job-timeout = 5 has no unit: write a unit, e.g. 250ms",
            "demo.conf:10: unknown key 'tires' in pagoda; did you mean 'tiers'? known here: "
                + "[block-bytes, communicator, connector, device, devices, engine, eviction, "
                + "graph, model, peers, plugins, quotas, tier, tiers, trace, transport, "
                + "transports]",
            "demo.conf:4: unknown key 'pretouch' in pagoda.tiers[0]; known here: "
                + "[blocks, capacity, eviction, fail, lie, name, optional, type]",
            "demo.conf:5: pagoda.tiers[1].capacity: a tier needs a capacity, or a number of blocks",
            "demo.conf:5: unknown key 'capcity' in pagoda.tiers[1]; did you mean 'capacity'? "
                + "known here: [blocks, capacity, eviction, fail, lie, name, optional, type]",
            "no eviction policy of type 'lfu' (for pagoda.tiers[1] at demo.conf:5); available: "
                + "lru (" + CORE + ")",
            "no tier of type 'tape' (pagoda.tiers[2] at demo.conf:6); available: "
                + "peer (%1$s), memory (%1$s), disk (%1$s), gpu (%1$s)".formatted(CORE)),
        complaints(
            "pagoda {", "model.tokens-per-block = many", "block-bytes = 4096",
            "tiers = [ { type = memory, blocks = 4, pretouch = true }",
            "{ type = disk, capcity = 1GiB, eviction = lfu }", "{ type = tape, blocks = 1 }",
            "{ name = disk, type = disk, blocks = 1 } ]", "graph.write = sideways",
            "engine { pin-timeout = 1x, job-timeout = 5 }", "tires = []", "}"));
  }

  @Test
  void tellsThatTheFirstTierIsNotMemory() {
    assertEquals(
        List.of(
            "demo.conf:1: pagoda.tiers[0].type: the first tier must be host memory, which 'disk' "
                + "is not; put one of type cpu above it"),
        complaints(
            "pagoda.tiers = [ { type = disk, blocks = 1 }, { type = memory, blocks = 1 } ]"));
    assertEquals(
        List.of(
            "demo.conf: pagoda.tiers is empty: name at least one tier, such as "
                + "{ type = cpu, capacity = 1GiB }"),
        complaints("pagoda.tiers = []").stream()
            .map(message -> message.replace("demo.conf:1:", "demo.conf:"))
            .toList());
  }

  @Test
  void tellsEdgesToNowhereAndKeysOfPolicies() {
    assertEquals(
        List.of(
            "demo.conf:2: unknown key 'window' in pagoda.eviction.lru; known here: []",
            "demo.conf:3: pagoda.graph.edges[0].to = tape is not a tier below the first; "
                + "these are: []"),
        complaints(
            "pagoda.tiers = [ { type = memory, blocks = 1 } ]", "pagoda.eviction.lru.window = 3",
            "pagoda.graph.edges = [ { to = tape } ]"));
  }

  @Test
  void tellsSubstitutionsThatLeadNowhere() {
    assertEquals(1, complaints("pagoda.block-bytes = ${pagoda.none}").size());
  }

  @Test
  void blocksThatDifferFromTheModelsAreRefusedWithBothSizes() {
    assertEquals(
        List.of(
            "demo.conf:2: pagoda.block-bytes is 1048576 bytes, but blocks of 16 tokens of "
                + "demo.conf:1: pagoda.model have 2097152 bytes (2 MiB): leave it out"),
        complaints(
            "pagoda.model { preset = llama-3.1-8b }", "pagoda.block-bytes = 1MiB",
            "pagoda.tiers = [ { type = memory, blocks = 1 } ]").stream()
            .map(message -> message.replace("demo.conf: pagoda.model", "demo.conf:1: pagoda.model"))
            .toList());
    assertTrue(
        check(
            "pagoda.model { preset = llama-3.1-8b }", "pagoda.block-bytes = 2MiB",
            "pagoda.tiers = [ { type = memory, blocks = 1 } ]").passed());
  }

  @Test
  void anOptionalTierMayBeMissing() {
    String[] lines = {"pagoda.tiers = [ { type = memory, blocks = 1 }",
      "{ type = s3, optional = true, any = 1 }", "{ type = gpu, optional = true, blocks = 1 }",
      "{ type = disk, optional = true, blocks = 1 } ]",
      "pagoda.graph.edges = [ { to = s3, write = through }, { to = disk, write = never } ]",
      "pagoda.tier.s3.region = here"};
    ConfigCheck check = check(lines);
    assertEquals(List.of(), check.complaints());
    assertEquals(
        List.of("memory", "disk"), check.tiers().stream().map(ConfigCheck.Tier::name).toList());
    assertEquals(List.of("s3", "gpu"), check.missing().stream().map(MissingTier::type).toList());
    assertTrue(
        check.missing()
            .getLast()
            .toString()
            .endsWith("cannot run on this machine: there is no GPU"),
        check::toString);
    try (Deployment deployment =
        Deployment.open(ConfigFile.of(directory, lines).load(), plugins, StageTimes.NONE)) {
      assertEquals(check.missing(), deployment.missing());
      assertEquals(
          List.of(new Edge("disk", WritePolicy.NEVER, Promotion.MOVE)), deployment.graph().edges());
    }
    memory.events.clear();
    disk.events.clear();
  }

  @Test
  void anEdgeToAMissingTierIsReadAllTheSame() {
    assertEquals(
        List.of(
            "demo.conf:3: pagoda.graph.edges[0].write must be one of [through, back, never], "
                + "not 'up'"),
        complaints(
            "pagoda.tiers = [ { type = memory, blocks = 1 }", "{ type = s3, optional = true } ]",
            "pagoda.graph.edges = [ { to = s3, write = up } ]"));
  }

  @Test
  void theFirstTierIsNotOptional() {
    assertEquals(
        List.of(
            "demo.conf:1: pagoda.tiers[0].optional: all bytes pass through the first tier, so no "
                + "store does without it"),
        complaints("pagoda.tiers = [ { type = memory, blocks = 1, optional = true } ]"));
  }

  /** Provides tiers that nobody can tell anything of before they are open. */
  private static final class Silent implements TierProvider {
    @Override
    public String type() {
      return "silent";
    }

    @Override
    public StorageTier open(Settings settings, Host host) {
      throw new AssertionError("opened");
    }
  }

  @Test
  void whatOnlyOpeningTellsIsNotJudged() {
    ConfigFile file = ConfigFile.of(
        directory, "pagoda.tiers = [ { type = memory, blocks = 1 }",
        "{ type = silent, nama = 1 } ]");
    ConfigCheck check = ConfigCheck.of(file.load(), Plugins.onModulePath(memory, new Silent()));
    assertEquals(List.of(), check.complaints());
    assertEquals(Optional.empty(), check.tiers().getLast().spec());
  }
}
