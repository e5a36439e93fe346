package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.Drained;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.plugin.JarBuilder;
import io.pagoda.core.plugin.PluginException;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import io.pagoda.spi.tier.TierProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin whose tier comes, is replaced by another version and goes, while a store serves. */
class HotPluginsTest {
  private static final int CYCLES = 100;
  private static final int BLOCK = 4096;
  private static final int SLACK_BYTES = 32 << 10;
  private static final int DEPTH = 8;
  private static final int CHAINS = 40;
  private static final int TURNS = 4_000;
  private static final String NAME = "com.acme.tape";

  private final TrialTier memory = new TrialTier("memory", true, Availability.READY);
  private final Plugins plugins = Plugins.onModulePath(memory);
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger right = new AtomicInteger();
  private final AtomicInteger shorter = new AtomicInteger();
  private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

  @TempDir Path work;

  private Path built(String version) {
    Path place = work.resolve("tape-" + version);
    JarBuilder.tape(work, version)
        .source("com/acme/tape/TapeTier.java", ReelSource.TIER)
        .into(place, "tape.jar");
    return place;
  }

  private PluginId started(Path place) {
    PluginId id = plugins.install(place);
    plugins.resolve(id);
    plugins.start(id);
    remember();
    return id;
  }

  private void remember() {
    try (var lease = plugins.lease(TierProvider.class, "tape", "a test")) {
      loaders
          .add(new WeakReference<>(lease.call(provider -> provider.getClass().getClassLoader())));
    }
  }

  private Deployment open() {
    ConfigFile file = ConfigFile.of(
        work, "pagoda.block-bytes = 4KiB",
        "pagoda.tiers = [ { type = memory, blocks = 64 }, { type = tape, blocks = 200 } ]",
        "pagoda.graph { write = through, promote = copy }");
    return Deployment.open(file.load(), plugins, StageTimes.NONE);
  }

  private HotPlugins hot(Deployment deployment) {
    return new HotPlugins(plugins, deployment, Duration.ofSeconds(30));
  }

  private void cycle(HotPlugins hot, Deployment deployment, Path one, Path two) {
    assertEquals("com.acme.tape 1.0.0", hot.install(one).toString());
    hot.start(NAME);
    remember();
    used(deployment);
    assertEquals("com.acme.tape 2.0.0", hot.update(NAME, two).toString());
    remember();
    used(deployment);
    hot.drain(NAME).toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    hot.stop(NAME);
    assertEquals("com.acme.tape 2.0.0", hot.uninstall(NAME).toString());
    assertEquals(List.of(), plugins.installed());
  }

  /** Waits until the tier that is in has been stored to and has brought blocks. */
  private static void used(Deployment deployment) {
    long from = hits(deployment);
    long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (hits(deployment) - from < 30) {
      assertTrue(System.nanoTime() - patience < 0, "The tier is not used");
      LockSupport.parkNanos(100_000);
    }
  }

  private static long hits(Deployment deployment) {
    return deployment.store().statistics().tiers().get(1).count(TierCount.HITS);
  }

  /** A turn of a conversation: the prefix that it has by then. */
  private record Turn(int conversation, int blocks) {}

  /** {@return turns of conversations that take turns, each longer than before, or begun anew} */
  private static List<Turn> trace(long seed) {
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    int[] lengths = new int[CHAINS];
    List<Turn> trace = new ArrayList<>();
    for (int i = 0; i < TURNS; i++) {
      int one = random.nextInt(CHAINS);
      lengths[one] = lengths[one] % DEPTH + 1;
      trace.add(new Turn(one, lengths[one]));
    }
    return trace;
  }

  /** Replays a trace until told to stop, and compares every byte. */
  private void serve(BlockStore store, List<Turn> trace) {
    var shape = new PoolSpec(KvLayout.BLOCK_FIRST, 1, 1, DEPTH, BLOCK);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment blocks = arena.allocate(shape.bytes());
      try (Pool pool = store.register(shape, blocks)) {
        for (int i = 0; !done.get(); i = (i + 1) % trace.size()) {
          BlockKeys keys = keys(trace.get(i).conversation(), trace.get(i).blocks());
          fetch(store, pool, blocks, keys);
          put(store, pool, blocks, keys);
        }
      }
    }
  }

  private static BlockKeys keys(int chain, int count) {
    long[] words = new long[2 * count];
    for (int i = 0; i < count; i++) {
      words[2 * i] = 1_000L * chain + i + 1;
      words[2 * i + 1] = words[2 * i] * 0x9E37_79B9_7F4A_7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  private void fetch(BlockStore store, Pool pool, MemorySegment blocks, BlockKeys keys) {
    Match match = store.match(keys);
    int[] into = IntStream.range(0, match.blocks()).toArray();
    Outcome outcome = store.fetch(match, pool, into).settled().toCompletableFuture().join();
    assertFalse(Set.of(End.CANCELLED, End.EXPIRED).contains(outcome.end()), outcome::toString);
    shorter.addAndGet(outcome.blocks() < into.length ? 1 : 0);
    for (int i = 0; i < outcome.blocks(); i++) {
      for (long at = 0; at < BLOCK; at += 8) {
        long found = blocks.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * BLOCK + at);
        assertEquals(keys.low(i) + at, found, () -> "wrong bytes of " + keys);
      }
      right.incrementAndGet();
    }
  }

  private static void put(BlockStore store, Pool pool, MemorySegment blocks, BlockKeys keys) {
    for (int i = 0; i < keys.size(); i++) {
      for (long at = 0; at < BLOCK; at += 8) {
        blocks.set(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * BLOCK + at, keys.low(i) + at);
      }
    }
    Outcome outcome = store.put(keys, pool, IntStream.range(0, keys.size()).toArray())
        .settled()
        .toCompletableFuture()
        .join();
    assertFalse(Set.of(End.CANCELLED, End.EXPIRED).contains(outcome.end()), outcome::toString);
  }

  /** {@return how many are open at each of several looks: those of a pipe may be closed later} */
  private static long descriptors() throws IOException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 25; i++) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        least = Math.min(least, open.count());
      }
    }
    return least;
  }

  /** {@return how many bytes of native memory this process has, by what for} */
  private static Map<String, Long> nativeMemory() throws IOException {
    System.gc();
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process asked = new ProcessBuilder(
        jcmd, String.valueOf(ProcessHandle.current().pid()), "VM.native_memory", "summary",
        "scale=b").redirectErrorStream(true).start();
    String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, Long> bytes = new TreeMap<>();
    var line = Pattern.compile("(?m)^-\\s+(.+) \\(reserved=\\d+, committed=(\\d+)").matcher(answer);
    while (line.find()) {
      bytes.put(line.group(1), Long.valueOf(line.group(2)));
    }
    assertTrue(bytes.containsKey("Other"), answer);
    System.out.println(bytes);
    return bytes;
  }

  @Test
  void aHundredTimesAPluginComesIsReplacedAndGoesUnderLoad() throws Exception {
    Path one = built("1.0.0");
    Path two = built("2.0.0");
    List<Turn> trace = trace(Long.getLong("pagoda.seed", 1));
    started(one);
    try (Deployment deployment = open()) {
      var callers = IntStream.range(0, 3)
          .mapToObj(
              i -> CompletableFuture.runAsync(
                  () -> serve(deployment.store(), trace),
                  task -> Thread.ofPlatform().daemon().start(task)))
          .toList();
      var hot = hot(deployment);
      hot.stop(NAME);
      hot.uninstall(NAME);
      for (int i = 0; i < CYCLES / 4; i++) { // what is loaded once, and compiled
        cycle(hot, deployment, one, two);
      }
      assertEquals(0, uncollected());
      Map<String, Long> bytes = nativeMemory();
      long descriptors = descriptors();
      for (int i = 0; i < CYCLES; i++) {
        cycle(hot, deployment, one, two);
      }
      assertEquals(0, uncollected(), () -> "of " + loaders.size() + " loaders are still there");
      near("bytes of native memory", bytes, nativeMemory());
      long more = descriptors() - descriptors;
      assertTrue(more < CYCLES, more + " more descriptors are open");
      done.set(true);
      callers.forEach(caller -> caller.orTimeout(60, TimeUnit.SECONDS).join());
      assertEquals(0, deployment.store().statistics().tiers().get(1).count(TierCount.CORRUPT));
    }
    System.out.println(right + " right blocks, " + shorter + " prefixes shorter than matched");
    assertTrue(right.get() > 1_000, "Too few right blocks: " + right);
  }

  /** Compares what arenas have; the rest is the machine's own, which compiles and collects. */
  private static void near(String what, Map<String, Long> before, Map<String, Long> after) {
    long first = before.getOrDefault("Other", -1L);
    long then = after.getOrDefault("Other", -1L);
    System.out.println(first + " " + what + " before, then " + then);
    assertTrue(then - first <= first / 100 + SLACK_BYTES, first + " " + what + ", now " + then);
  }

  private long uncollected() {
    long left = loaders.size();
    for (int i = 0; i < 100 && left > 0; i++) {
      System.gc();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      left = loaders.stream().filter(loader -> loader.get() != null).count();
    }
    return left;
  }

  @Test
  void whatStaysAsLongAsTheStoreIsNotTakenOut() {
    started(built("1.0.0"));
    try (Deployment deployment = open()) {
      var hub = assertThrows(IllegalArgumentException.class, () -> deployment.detach("memory"));
      assertEquals(
          "Tier 'memory' stays as long as its store: all bytes pass through it", hub.getMessage());
      assertThrows(IllegalArgumentException.class, () -> deployment.detach("reel"));
      var there = assertThrows(PagodaException.class, () -> deployment.attach("tape"));
      assertEquals("tier 'tape' is there: take it out first", there.getMessage());
    }
    plugins.close();
  }

  @Test
  void anUpdateThatCannotBeMadeIsUndone() {
    PluginId id = started(built("1.0.0"));
    Path other = work.resolve("other");
    JarBuilder.tape(work, "2.0.0")
        .source(
            "com/acme/tape/TapeTier.java",
            ReelSource.TIER.replace("DISK, blocks,", "DISK, blocks + 1,"))
        .into(other, "tape.jar");
    try (Deployment deployment = open()) {
      var hot = hot(deployment);
      var e = assertThrows(PagodaException.class, () -> hot.update(NAME, other));
      assertTrue(String.valueOf(e.getMessage()).contains("its place is for "), e::getMessage);
      assertEquals(Map.of("tape", Optional.of(id)), deployment.changeable());
      assertEquals(id, hot.stop(NAME));
      assertEquals(Map.of("tape", Optional.empty()), deployment.changeable());
    }
  }

  /** Version 2 has a setting that version 1 had not, and a default for it. */
  @Test
  void anotherVersionIsOpenedWithItsOwnDefaults() {
    started(built("1.0.0"));
    Path other = work.resolve("other");
    JarBuilder.tape(work, "2.0.0")
        .source("com/acme/tape/TapeTier.java", ReelSource.TIER)
        .change(
            "com/acme/tape/TapeTierProvider.java", "return new",
            "if (settings.integer(\"reels\") != 7) throw new AssertionError(); return new")
        .resource("reference.conf", "pagoda.tier.tape.reels = 7")
        .into(other, "tape.jar");
    try (Deployment deployment = open()) {
      PluginId next = hot(deployment).update(NAME, other);
      assertEquals("com.acme.tape 2.0.0", next.toString());
      assertEquals(Map.of("tape", Optional.of(next)), deployment.changeable());
    }
  }

  @Test
  void aTierThatLeavesAfterItsStopWasGivenUpComesBack() throws IOException {
    Path held = Files.createFile(work.resolve("held"));
    Path place = work.resolve("slow");
    JarBuilder.tape(work, "1.0.0")
        .source("com/acme/tape/TapeTier.java", ReelSource.TIER.replace("closed = true;", """
            closed = true;
            while (java.nio.file.Files.exists(java.nio.file.Path.of("%s"))) {
              Thread.onSpinWait();
            }
            """.formatted(held)))
        .into(place, "tape.jar");
    PluginId id = started(place);
    try (Deployment deployment = open()) {
      var hot = new HotPlugins(plugins, deployment, Duration.ofMillis(100));
      var e = assertThrows(PagodaException.class, () -> hot.stop(NAME));
      assertTrue(String.valueOf(e.getMessage()).contains("was not taken out within"), e::toString);
      assertEquals("active", plugins.state(id));
      Files.delete(held);
      long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (deployment.store().statistics().tiers().get(1).state() != TierState.HEALTHY) {
        assertTrue(System.nanoTime() - patience < 0, "The tier does not come back");
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(Map.of("tape", Optional.of(id)), deployment.changeable());
    }
  }

  /** As one of JCuda's does, whose library keeps references to its classes for ever. */
  @Test
  void aPluginWhoseLibraryHoldsItsClassesIsStoppedAndNotRemoved() {
    Path place = work.resolve("held");
    JarBuilder.tape(work, "1.0.0")
        .source("com/acme/tape/TapeTier.java", ReelSource.TIER)
        .change("com/acme/tape/TapeTierProvider.java", "  @Override\n  public Availability", """
            @Override
            public java.util.Optional<String> permanence() {
              return java.util.Optional.of("libtape holds references to its classes");
            }

            @Override
            public Availability""")
        .into(place, "tape.jar");
    PluginId id = started(place);
    try (Deployment deployment = open()) {
      var hot = hot(deployment);
      assertEquals(new Drained(0, 0, true), hot.drain(NAME).toCompletableFuture().join());
      assertEquals("draining", plugins.state(id));
      hot.stop(NAME);
      assertEquals("kept", plugins.state(id));
      var e = assertThrows(PluginException.class, () -> hot.uninstall(NAME));
      assertEquals(
          "com.acme.tape 1.0.0 stays until the process ends: libtape holds references to its "
              + "classes",
          e.getMessage());
      hot.start(NAME);
      assertEquals(Map.of("tape", Optional.of(id)), deployment.changeable());
      Path two = built("2.0.0");
      hot.update(NAME, two);
      assertEquals("kept", plugins.state(id));
      hot.stop(NAME + " 2.0.0");
    }
    plugins.close();
    assertEquals(List.of(), plugins.installed());
  }
}
