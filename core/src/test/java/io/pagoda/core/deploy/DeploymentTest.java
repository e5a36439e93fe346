package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvCache;
import io.pagoda.KvRequest;
import io.pagoda.Namespace;
import io.pagoda.PagodaException;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.plugin.JarBuilder;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeploymentTest {
  private static final String CORE =
      Deployment.class.getModule().getDescriptor().toNameAndVersion().replace('@', ' ')
          + " in module path";

  private final TrialTier memory = new TrialTier("memory", true, Availability.READY);
  private final TrialTier disk = new TrialTier("disk", false, Availability.READY);
  private final TrialTier gpu =
      new TrialTier("gpu", false, new Availability.Unavailable("there is no GPU"));
  private final Plugins plugins = Plugins.onModulePath(memory, disk, gpu);

  @TempDir Path directory;

  private ConfigFile file(String... lines) {
    return ConfigFile.of(directory, lines);
  }

  private Deployment open(ConfigFile file) {
    return Deployment.open(file.load(), plugins, StageTimes.NONE);
  }

  /** Expects that opening fails and that every tier that was opened is closed again. */
  private void refused(String expected, String... lines) {
    ConfigFile file = file(lines);
    var e = assertThrows(PagodaException.class, () -> open(file));
    assertEquals(expected.replace("demo.conf", file.path().toString()), e.getMessage());
  }

  /** Nothing may be in use any more, whatever happened. */
  @AfterEach
  void everyTierIsClosed() {
    for (TrialTier provider : List.of(memory, disk)) {
      long opened = provider.events.stream().filter(event -> event.startsWith("open")).count();
      assertEquals(provider.events.size(), 2 * opened, provider.events::toString);
    }
  }

  @Test
  void opensWhatTheFileSays() {
    ConfigFile file = file(
        "pagoda {", "  model { name = llama, tokens-per-block = 32 }", "  block-bytes = 4KiB",
        "  tier.disk.capacity = 64KiB",
        "  tiers = [ { name = host, type = memory, capacity = 32KiB }",
        "            { name = near, type = disk },",
        "            { type = disk, blocks = 5, eviction = lru } ]",
        "  graph.edges = [ { to = disk, write = through, promote = never } ]",
        "  graph.promote = copy", "}");
    try (Deployment deployment = open(file)) {
      assertNotNull(deployment.store());
      assertEquals(new ModelSettings("llama", 32, Optional.empty()), deployment.model());
      assertEquals(
          List.of("host", "near", "disk"),
          deployment.graph().tiers().stream().map(TierNode::name).toList());
      assertEquals(
          List.of(
              new Edge("near", WritePolicy.BACK, Promotion.COPY),
              new Edge("disk", WritePolicy.THROUGH, Promotion.NEVER)),
          deployment.graph().edges());
      assertEquals(List.of("open near of 16", "open disk of 5"), disk.events);
    }
    assertEquals(List.of("open host of 8", "close host"), memory.events);
  }

  private static final String[] TWO_TIERS = {"pagoda.block-bytes = 4KiB",
    "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 9 } ]"};

  @Test
  void aTierThatHangsWhenItIsClosedKeepsNobodyElseWaiting() {
    try (Deployment deployment = open(file(TWO_TIERS))) {
      var latch = new CountDownLatch(1);
      disk.closing = latch;
      var gone = deployment.detach("disk").toCompletableFuture();
      assertThrows(
          CompletionException.class,
          () -> gone.copy().orTimeout(200, TimeUnit.MILLISECONDS).join());
      assertTimeoutPreemptively(Duration.ofSeconds(20), deployment::changeable);
      var there = assertThrows(PagodaException.class, () -> deployment.attach("disk"));
      assertEquals(
          "tier 'disk' is there, and has not ended to close: take it out first",
          there.getMessage());
      latch.countDown();
      gone.orTimeout(20, TimeUnit.SECONDS).join();
      deployment.attach("disk");
    }
  }

  @Test
  void aTierThatBreaksWhenItIsPutInIsClosedAndMayComeAgain() {
    try (Deployment deployment = open(file(TWO_TIERS))) {
      deployment.detach("disk").toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
      disk.broken = true;
      assertThrows(NoClassDefFoundError.class, () -> deployment.attach("disk"));
      disk.broken = false;
      deployment.attach("disk");
    }
  }

  @Test
  void readsQuotasAndWhichBlocksATierTakes() {
    ConfigFile file = file(
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 9 } ]",
        "pagoda.graph { write = through, admit = second-touch, promote = copy }",
        "pagoda.quotas = [ { namespace = [a], capacity = 1MiB, time-to-live = 1h },",
        "                  { namespace = [a, b], blocks = 3 }, { namespace = [] } ]");
    try (Deployment deployment = open(file)) {
      assertEquals(
          List.of(new Edge("disk", WritePolicy.THROUGH, Promotion.COPY, Admission.SECOND_TOUCH)),
          deployment.graph().edges());
      assertEquals(
          List.of(
              new Quota(Namespace.of("a"), 8, Duration.ofHours(1)),
              new Quota(Namespace.of("a", "b"), 3, Duration.ZERO),
              new Quota(Namespace.SHARED, Integer.MAX_VALUE, Duration.ZERO)),
          deployment.quotas());
    }
    refused(
        "demo.conf:1: pagoda.quotas[1].namespace has a quota already",
        "pagoda.quotas = [ { namespace = [a], blocks = 1 }, { namespace = [a], blocks = 2 } ]",
        "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
  }

  @Test
  void cutsBlocksOfKnownGeometryByLayers() {
    ConfigFile file = file(
        "pagoda.model { layers = 8, kv-heads = 8, head-size = 128, dtype = bf16 }",
        "pagoda.engine.layer-sections = 4", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
    try (Deployment deployment = open(file)) {
      assertEquals(4, deployment.graph().sections().count());
      assertEquals(8L * 2 * 16 * 8 * 128 * 2, deployment.graph().blockBytes());
    }
    refused(
        "demo.conf:1: pagoda.engine.layer-sections: a block has 1 to 256 sections, not 0",
        "pagoda.engine.layer-sections = 0", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
  }

  @Test
  void opensTheCacheOfAModelWhoseLayersItKnows() {
    ConfigFile told = file(
        "pagoda {", "  model { name = llama, tokens-per-block = 4, layers = 2, kv-heads = 1,",
        "    head-size = 8, dtype = int8 }", "  tiers = [ { type = memory, blocks = 4 } ]", "}");
    KvCache cache;
    try (Deployment deployment = open(told)) {
      cache = deployment.cache();
      assertSame(cache, deployment.cache());
      assertEquals("llama", cache.model().name());
      assertEquals(0, cache.match(KvRequest.of(1, 2, 3, 4)).tokens().count());
    }
    assertThrows(IllegalStateException.class, () -> cache.match(KvRequest.of(1)));
    ConfigFile untold = file("pagoda.tiers = [ { type = memory, blocks = 4 } ]");
    try (Deployment deployment = open(untold)) {
      var refused = assertThrows(IllegalStateException.class, deployment::cache);
      assertTrue(refused.toString().contains("give model.layers"), refused.toString());
    }
  }

  @Test
  void opensWhatTheCommandLineSays() {
    Overrides overrides =
        Overrides.NONE.tier("memory=10").tier("disk=60").blockBytes("1KiB").policy("lru");
    PagodaConfig config = PagodaConfig.load(Optional.empty(), overrides);
    try (Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE)) {
      assertEquals(1024, deployment.graph().blockBytes());
      assertEquals(List.of("open memory of 10"), memory.events);
      assertEquals(List.of("open disk of 60"), disk.events);
    }
  }

  @Test
  void refusesAnUnknownTierType() {
    refused(
        "no tier of type 'ssd' (pagoda.tiers[1] at demo.conf:2); available: "
            + "peer (%1$s), memory (%1$s), disk (%1$s), gpu (%1$s)".formatted(CORE),
        "pagoda.tiers = [ { type = memory, blocks = 2 },", "{ type = ssd } ]");
  }

  @Test
  void refusesAnUnavailableTier() {
    refused(
        "tier 'gpu' (pagoda.tiers[1] at demo.conf:1; " + CORE + ") cannot "
            + "run on this machine: there is no GPU",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = gpu } ]");
  }

  @Test
  void refusesAnUnknownPolicy() {
    refused(
        "no eviction policy of type 'lfu' (for pagoda.tiers[0] at demo.conf:1); available: "
            + "lru (" + CORE + ")",
        "pagoda.tiers = [ { type = memory, blocks = 2, eviction = lfu } ]");
  }

  @Test
  void refusesAnUnknownKeyOfATierAfterOpeningIt() {
    refused(
        "demo.conf:2: unknown key 'capcity' in pagoda.tiers[1]; did you mean 'capacity'? "
            + "known here: [blocks, capacity, eviction, fail, lie, name, optional, type]",
        "pagoda.tiers = [ { type = memory, blocks = 2 },",
        "{ type = disk, blocks = 2, capcity = 1GiB } ]");
    assertEquals(List.of("open disk of 2", "close disk"), disk.events);
  }

  @Test
  void refusesAnUnknownKeyOfAType() {
    refused(
        "demo.conf:1: unknown key 'depth' in pagoda.tiers[0]; "
            + "known here: [blocks, capacity, eviction, fail, lie, name, optional, type]",
        "pagoda.tier.memory.depth = 3", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
  }

  @Test
  void refusesAnUnknownTypesSection() {
    refused(
        "demo.conf:1: unknown key 'dsk' in pagoda.tier; did you mean 'disk'? "
            + "known here: [disk, gpu, memory, peer]",
        "pagoda.tier.dsk.depth = 3", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
    assertEquals(List.of(), memory.events);
  }

  @Test
  void aTypeThatNoTierHasMayBeSet() {
    try (Deployment deployment = open(
        file("pagoda.tier.disk.depth = 3", "pagoda.tiers = [ { type = memory, blocks = 2 } ]"))) {
      assertEquals(1, deployment.graph().tiers().size());
    }
  }

  @Test
  void refusesUnknownKeysOfItsOwnBeforeOpeningAnything() {
    refused(
        "demo.conf:1: unknown key 'copy-thread' in pagoda.engine; did you mean 'copy-threads'? "
            + "known here: [copy-threads, job-timeout, layer-sections, look-up, "
            + "pin-timeout, scrub, tier-failures, tier-timeout]",
        "pagoda.engine.copy-thread = 3", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
    assertEquals(List.of(), memory.events);
  }

  @Test
  void refusesUnknownKeysOfAPolicy() {
    refused(
        "demo.conf:1: unknown key 'window' in pagoda.eviction.lru; known here: []",
        "pagoda.eviction.lru.window = 3", "pagoda.tiers = [ { type = memory, blocks = 2 } ]");
  }

  @Test
  void refusesAFirstTierThatIsNotHostMemory() {
    refused(
        "demo.conf:1: pagoda.tiers[0].type: the first tier must be host memory, which 'disk' is "
            + "not; put one of type cpu above it",
        "pagoda.tiers = [ { type = disk, blocks = 2 } ]");
  }

  @Test
  void refusesABudgetThatMovesNothing() {
    refused(
        "demo.conf:1: pagoda.graph.edges[0].write-budget must be 1MiB (per second) or more, not "
            + "1024 bytes: jobs would wait in vain",
        "pagoda.graph.edges = [ { to = disk, read-budget = 1GiB, write-budget = 1KiB } ]",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 2 } ]");
  }

  @Test
  void refusesMoreQuotasThanOwnersAreToldApart() {
    String quotas = IntStream.range(0, 1 << 15)
        .mapToObj("{ namespace = [a%d], blocks = 1 }"::formatted)
        .collect(Collectors.joining(",", "[", "]"));
    ConfigFile file =
        file("pagoda.tiers = [ { type = memory, blocks = 2 } ]", "pagoda.quotas = " + quotas);
    var e = assertThrows(PagodaException.class, () -> open(file));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.endsWith("a store keeps at most 32767 quotas, not 32768"), said);
  }

  @Test
  void tiersUnderAMisspeltKeyAreNotCalledNone() {
    ConfigFile file = file("pagoda.tiers = []", "pagoda.tires = [ { type = memory, blocks = 2 } ]");
    var e = assertThrows(PagodaException.class, () -> open(file));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.contains("unknown key 'tires' in pagoda; did you mean 'tiers'?"), said);
  }

  @Test
  void refusesNoTiersAndTwoOfOneName() {
    refused(
        "demo.conf:1: pagoda.tiers is empty: name at least one tier, such as "
            + "{ type = cpu, capacity = 1GiB }",
        "pagoda.tiers = []");
    refused(
        "demo.conf:2: pagoda.tiers[1].name: another tier is called 'memory' already",
        "pagoda.tiers = [ { type = memory, blocks = 2 },",
        "{ name = memory, type = disk, blocks = 2 } ]");
  }

  @Test
  void refusesEdgesToNowhere() {
    refused(
        "demo.conf:1: pagoda.graph.edges[0].to = tape is not a tier below the first; "
            + "these are: [disk]",
        "pagoda.graph.edges = [ { to = tape } ]",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 2 } ]");
    refused(
        "demo.conf:2: pagoda.graph.edges[1].to = disk: there is such an edge already",
        "pagoda.graph.edges = [ { to = disk },", "{ to = disk } ]",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 2 } ]");
    refused(
        "demo.conf:1: unknown key 'wrote' in pagoda.graph.edges[0]; did you mean 'write'? "
            + "known here: [admit, promote, read-budget, to, write, write-budget, write-price]",
        "pagoda.graph.edges = [ { to = disk, wrote = back } ]",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 2 } ]");
  }

  @Test
  void closesWhatWasOpenedWhenALaterTierFails() {
    refused(
        "the disk is full", "pagoda.tiers = [ { type = memory, blocks = 2 }",
        "{ name = near, type = disk, blocks = 2 }",
        "{ name = far, type = disk, fail = \"the disk is full\" } ]");
    assertEquals(List.of("open memory of 2", "close memory"), memory.events);
    assertEquals(List.of("open near of 2", "close near"), disk.events);
  }

  @Test
  void refusesATierWithOtherBlocks() {
    refused(
        "demo.conf:1: pagoda.tiers: Tier 'disk' has blocks of 4096 bytes in a store of 131072",
        "pagoda.tiers = [ { type = memory, blocks = 2 }, { type = disk, blocks = 2, lie = 4KiB }]");
  }

  @Test
  void refusesValuesOutOfRange() {
    refused(
        "demo.conf:1: pagoda.model.tokens-per-block must be a whole number of at most 32 bits, "
            + "not 'many'",
        "pagoda.model.tokens-per-block = many");
    refused("demo.conf:1: pagoda.block-bytes must be more than 0 bytes", "pagoda.block-bytes = 0B");
    refused(
        "demo.conf:2: pagoda.model.tokens-per-block must be a power of two, 1 at least, not 0",
        "pagoda.tiers = [ { type = memory, blocks = 2 } ]", "pagoda.model.tokens-per-block = 0");
    refused(
        "demo.conf: pagoda.engine: copyThreads is at least 1, not 0",
        "pagoda.tiers = [ { type = memory, blocks = 2 } ]", "pagoda.engine.copy-threads = 0");
  }

  @Test
  void aTierOfAPluginDirectoryServes() {
    Path place = directory.resolve("plugins/tape");
    JarBuilder.tape(directory, "1.0.0")
        .resource("reference.conf", "pagoda.tier.tape { blocks = 7 }")
        .into(place, "tape.jar");
    ConfigFile file = file("pagoda.tiers = [ { type = tape } ]");
    try (Plugins found = Plugins.in(file.load().plugins())) {
      var e = assertThrows(
          PagodaException.class, () -> Deployment.open(file.load(), found, StageTimes.NONE));
      assertEquals(
          file.path()
              + ":1: pagoda.tiers[0].type: the first tier must be host memory, which 'tape' is not;"
              + " put one of type cpu above it",
          e.getMessage());
    }
  }
}
