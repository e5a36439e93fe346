package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.JarBuilder;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory of plugins that a node watches. */
class PluginWatchTest {
  private static final int BLOCK = 4096;
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 1, 1, 4, BLOCK);

  private final Plugins plugins = Plugins.onModulePath(
      new TrialTier("memory", true, Availability.READY),
      new TrialTier("far", false, Availability.READY));

  @TempDir Path work;

  private Path watched = Path.of("");

  @BeforeEach
  void makeDirectory() throws IOException {
    watched = Files.createDirectory(work.resolve("watched"));
  }

  @AfterEach
  void close() {
    plugins.close();
  }

  private JarBuilder source(String version) {
    return JarBuilder.tape(work, version).source("com/acme/tape/TapeTier.java", ReelSource.TIER);
  }

  private Path built(String version) {
    Path place = work.resolve("tape-" + version);
    source(version).into(place, "tape.jar");
    return place;
  }

  /** {@return a place in the directory, to which a version was moved at once} */
  private Path put(String version) throws IOException {
    return Files.move(built(version), watched.resolve("tape-" + version));
  }

  private static void delete(Path place) throws IOException {
    Files.delete(place.resolve("tape.jar"));
    Files.delete(place);
  }

  private List<String> there() throws IOException {
    try (Stream<Path> places = Files.list(watched)) {
      return places.map(place -> place.getFileName().toString()).sorted().toList();
    }
  }

  /** {@return who is there, with the states} */
  private String serving() {
    return plugins.installed()
        .stream()
        .map(id -> "%s %s".formatted(id.version(), plugins.state(id)))
        .toList()
        .toString();
  }

  private Deployment open(String... lines) {
    String[] all = Arrays.copyOf(lines, lines.length + 1);
    all[lines.length] = "pagoda.block-bytes = 4KiB";
    return Deployment.open(ConfigFile.of(work, all).load(), plugins, StageTimes.NONE);
  }

  private Deployment openMemory() {
    return open("pagoda.tiers = [ { type = memory, blocks = 64 } ]");
  }

  private HotPlugins hot(Deployment deployment) {
    return new HotPlugins(plugins, deployment, Duration.ofSeconds(30));
  }

  private PluginWatch watch(Deployment deployment) {
    return new PluginWatch(plugins, hot(deployment), PluginSettings.of(watched));
  }

  private static void look(PluginWatch watch, int times) {
    for (int i = 0; i < times; i++) {
      watch.look();
    }
  }

  /** As somebody copies who is slow: the jar grows while it is looked at. */
  @Test
  void whatComesIsTakenUpWhenItIsWhole() throws IOException {
    byte[] jar = Files.readAllBytes(built("1.0.0").resolve("tape.jar"));
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path place = Files.createDirectory(watched.resolve("tape"));
      for (int part = 1; part <= 4; part++) {
        Files.write(place.resolve("tape.jar"), Arrays.copyOf(jar, part * jar.length / 4));
        watch.look();
        assertEquals("[]", serving(), "part " + part);
      }
      watch.look();
      assertEquals("[1.0.0 active]", serving());
      delete(place);
      look(watch, 2);
      assertEquals("[]", serving());
    }
  }

  /** It is looked at where it lies, not where the link does. */
  @Test
  void whatComesByALinkIsTakenUpWhenItIsWhole() throws IOException {
    byte[] jar = Files.readAllBytes(built("1.0.0").resolve("tape.jar"));
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path place = Files.createDirectory(work.resolve("elsewhere"));
      Files.createSymbolicLink(watched.resolve("tape"), place);
      for (int part = 1; part <= 4; part++) {
        Files.write(place.resolve("tape.jar"), Arrays.copyOf(jar, part * jar.length / 4));
        look(watch, part == 4 ? 1 : 2);
        assertEquals("[]", serving(), "part " + part);
      }
      watch.look();
      assertEquals("[1.0.0 active]", serving());
    }
  }

  @Test
  void whatCannotBeTakenUpIsTriedAgainWhenItIsOtherwise() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path jar = Files.writeString(watched.resolve("tape.jar"), "no jar");
      look(watch, 2);
      assertEquals("[]", serving());
      Files.copy(built("1.0.0").resolve("tape.jar"), jar, StandardCopyOption.REPLACE_EXISTING);
      look(watch, 2);
      assertEquals("[1.0.0 active]", serving());
    }
  }

  @Test
  void whatDoesNotStartIsTriedAgainWhenItIsOtherwise() throws IOException {
    Path bad = source("1.0.0")
        .change(
            "com/acme/tape/TapeTierProvider.java", "TapeTierProvider() {}",
            "TapeTierProvider() { throw new IllegalStateException(\"no reel\"); }")
        .into(work, "bad.jar");
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path jar = Files.move(bad, watched.resolve("tape.jar"));
      look(watch, 3);
      assertEquals("[]", serving());
      Files.copy(built("1.0.0").resolve("tape.jar"), jar, StandardCopyOption.REPLACE_EXISTING);
      look(watch, 2);
      assertEquals("[1.0.0 active]", serving());
    }
  }

  @Test
  void aNodeThatDoesNotWatchDoesNotLook() throws IOException {
    Files.createSymbolicLink(watched.resolve("broken.jar"), work.resolve("nowhere"));
    try (Deployment deployment = openMemory()) {
      PluginWatch.begin(plugins, hot(deployment), PluginSettings.of(watched)).close();
    }
  }

  @Test
  void whatCannotBeReadDoesNotHinderTheOthers() throws IOException {
    Files.createSymbolicLink(watched.resolve("broken.jar"), work.resolve("nowhere"));
    var settings = new PluginSettings(watched, List.of(), List.of("*"), Duration.ofHours(1));
    try (Deployment deployment = openMemory();
        var watch = PluginWatch.begin(plugins, hot(deployment), settings)) {
      put("1.0.0");
      look(watch, 2);
      assertEquals("[1.0.0 active]", serving());
    }
  }

  @Test
  void anUpdateLeavesTheNewVersionAlone() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      put("1.0.0");
      look(watch, 2);
      put("2.0.0");
      look(watch, 2);
      assertEquals("[2.0.0 active]", serving());
      assertEquals(List.of("tape-2.0.0"), there());
    }
  }

  @Test
  void anEarlierVersionComesOnlyWhenTheLaterHasGone() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path later = put("10.0.0");
      look(watch, 2);
      Path earlier = put("9.0.0");
      look(watch, 2);
      assertEquals("[10.0.0 active]", serving());
      Files.setLastModifiedTime(earlier.resolve("tape.jar"), FileTime.fromMillis(1_000));
      look(watch, 2);
      assertEquals("[10.0.0 active]", serving());
      delete(later);
      look(watch, 3);
      assertEquals("[9.0.0 active]", serving());
    }
  }

  @Test
  void ofSeveralVersionsTheLatestComes() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      for (String version : List.of("9.0.0", "10.0.0", "8.0.0")) {
        put(version);
      }
      look(watch, 4);
      assertEquals("[10.0.0 active]", serving());
      assertEquals(List.of("tape-10.0.0", "tape-8.0.0", "tape-9.0.0"), there());
    }
  }

  @Test
  void whatIsReplacedBetweenTwoLooksServesOn() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      Path place = put("1.0.0");
      look(watch, 2);
      Path away = Files.move(place, work.resolve("away"));
      watch.look();
      assertEquals("[1.0.0 active]", serving());
      Files.move(away, place);
      look(watch, 3);
      assertEquals("[1.0.0 active]", serving());
    }
  }

  /** As where the medium that it is on is taken away, and brought again. */
  @Test
  void aDirectoryThatIsAwayForAWhileStopsNothing() throws IOException {
    try (Deployment deployment = openMemory();
        var watch = watch(deployment)) {
      put("1.0.0");
      look(watch, 2);
      Path away = Files.move(watched, work.resolve("away"));
      look(watch, 3);
      assertEquals("[1.0.0 active]", serving());
      Files.createDirectory(watched);
      look(watch, 3);
      assertEquals("[1.0.0 active]", serving());
      Files.delete(watched);
      Files.move(away, watched);
      look(watch, 3);
      assertEquals("[1.0.0 active]", serving());
    }
  }

  private static BlockKeys keys(int chain) {
    return BlockKeys.ofWords(
        LongStream.range(0, 4).flatMap(i -> LongStream.of(77, 1_000L * chain + i)).toArray());
  }

  private static void put(BlockStore store, int chain) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment blocks = arena.allocate(SHAPE.bytes());
      for (long at = 0; at < blocks.byteSize(); at += 8) {
        blocks.set(ValueLayout.JAVA_LONG, at, 1_000_000L * chain + at);
      }
      try (Pool pool = store.register(SHAPE, blocks)) {
        var job = store.put(keys(chain), pool, IntStream.range(0, 4).toArray());
        Outcome outcome = job.finished().toCompletableFuture().join();
        assertEquals(4, outcome.blocks(), outcome::reason);
      }
    }
  }

  private static void expect(BlockStore store, int chain) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment blocks = arena.allocate(SHAPE.bytes());
      try (Pool pool = store.register(SHAPE, blocks)) {
        var job = store.fetch(store.match(keys(chain)), pool, IntStream.range(0, 4).toArray());
        Outcome outcome = job.settled().toCompletableFuture().join();
        assertEquals(4, outcome.blocks(), () -> "chain %d: %s".formatted(chain, outcome));
      }
      for (long at = 0; at < blocks.byteSize(); at += 8) {
        assertEquals(1_000_000L * chain + at, blocks.get(ValueLayout.JAVA_LONG, at), "at " + at);
      }
    }
  }

  @Test
  void theBlocksOfWhatGoesGoToTheNextTier() throws IOException {
    Path place = put("1.0.0");
    PluginId id = plugins.install(place);
    plugins.resolve(id);
    plugins.start(id);
    try (
        Deployment deployment = open(
            "pagoda.tiers = [ { type = memory, blocks = 8 }, { type = tape, blocks = 64 },",
            "  { type = far, blocks = 64 } ]", "pagoda.graph { write = back, promote = move }");
        var watch = watch(deployment)) {
      for (int chain = 1; chain <= 8; chain++) {
        put(deployment.store(), chain);
      }
      look(watch, 2);
      delete(place);
      look(watch, 2);
      assertEquals("[]", serving());
      for (int chain = 1; chain <= 8; chain++) {
        expect(deployment.store(), chain);
      }
    }
  }
}
