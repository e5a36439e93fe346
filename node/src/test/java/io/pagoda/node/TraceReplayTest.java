package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store's own trace, repeated on another store by the command. */
class TraceReplayTest {
  private static final int LONGEST = 24;
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 4 * LONGEST, 1024);

  /** What also depends on which records come together, and need not be written one by one. */
  private static final Set<TierCount> OF_THE_MEDIUM = EnumSet.of(
      TierCount.BYTES_WRITTEN, TierCount.BYTES_WRITTEN_EVER, TierCount.RECORDS_WRITTEN,
      TierCount.SYNCS);

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    out.reset();
    err.reset();
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, new ConfiguredStores(), args);
  }

  private int replay(Path trace, String... more) {
    List<String> args = new ArrayList<>(
        List.of(
            "replay", "--format", "pagoda", "--trace", trace.toString(), "--set",
            "pagoda.tier.ssd.queue-depth=1"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  /** A store where no batch overtakes another, so that equal requests have equal answers. */
  private Path config(String trace) throws IOException {
    return Files.writeString(directory.resolve("traced.conf"), """
        pagoda {
          block-bytes = 4KiB
          model { name = traced, tokens-per-block = 32 }
          tiers = [ { name = near, type = cpu, blocks = 40 },
                    { name = far, type = ssd, blocks = 90, directory = "%s" } ]
          engine.copy-threads = 1
          tier.ssd.queue-depth = 1
          quotas = [ { namespace = [b], blocks = 30 } ]
          trace { file = "%s", flush = 5ms %s }
        }
        """.formatted(directory.resolve("far"), directory.resolve("trace.jsonl"), trace));
  }

  /** Runs a random workload and returns what the store says of itself at its end. */
  private StoreStatistics workload(Path config, int requests) {
    long seed = Long.getLong("pagoda.seed", 1);
    System.out.println("seed " + seed);
    try (
        OpenStore open =
            new ConfiguredStores().open(Optional.of(config), Overrides.NONE, StageTimes.NONE);
        Arena arena = Arena.ofShared();
        Pool pool = open.store().register(SPEC, arena.allocate(SPEC.bytes(), 4096))) {
      var caller = new RandomCaller(open.store(), pool, new SplittableRandom(seed));
      for (int i = 0; i < requests; i++) {
        caller.ask();
      }
      return open.store().statistics();
    }
  }

  /** An engine that uses every call of a store, and waits for each to end. */
  private static final class RandomCaller {
    private final BlockStore store;
    private final Pool pool;
    private final SplittableRandom random;
    private final List<long[]> prefixes = new ArrayList<>();

    RandomCaller(BlockStore store, Pool pool, SplittableRandom random) {
      this.store = store;
      this.pool = pool;
      this.random = random;
    }

    void ask() {
      BlockKeys keys = prefix();
      Namespace namespace = random.nextInt(4) == 0 ? Namespace.of("b", "é\"") : Namespace.SHARED;
      if (random.nextInt(150) == 0) {
        store.reset().toCompletableFuture().join();
      }
      switch (random.nextInt(6)) {
        case 0 -> over(store.prefetch(store.match(keys), JobOptions.DEFAULT));
        case 1 -> store.match(keys).close();
        case 2 -> together(keys, namespace);
        default -> {
          over(fetch(keys));
          over(store.put(keys, pool, blocks(0, keys.size()), JobOptions.DEFAULT.in(namespace)));
        }
      }
    }

    private Job fetch(BlockKeys keys) {
      Match match = store.match(keys);
      return store.fetch(match, pool, blocks(0, match.blocks()));
    }

    /** Two fetches as one, two drafts as one; one draft more, of what is there. */
    private void together(BlockKeys keys, Namespace namespace) {
      BlockKeys other = prefix();
      Match one = store.match(keys);
      Match two = store.match(other);
      store
          .fetch(
              pool,
              List.of(
                  new Fetch(one, blocks(0, one.blocks()), JobOptions.DEFAULT),
                  new Fetch(two, blocks(LONGEST, two.blocks()), JobOptions.DEFAULT)))
          .forEach(RandomCaller::over);
      Draft first = store.draft(keys, namespace);
      Draft second = store.draft(other, namespace);
      List<Job> jobs = store.put(
          pool,
          List.of(
              new Put(first, blocks(0, keys.size()), JobOptions.DEFAULT),
              new Put(second, blocks(LONGEST, other.size()), JobOptions.DEFAULT)));
      jobs.forEach(RandomCaller::over);
      jobs.getFirst().cancel();
      store.draft(keys, namespace).close();
    }

    /** One of the last prefixes, cut and continued. */
    private BlockKeys prefix() {
      long[] from = prefixes.isEmpty()
          ? new long[0]
          : prefixes.get(prefixes.size() - 1 - random.nextInt(Math.min(20, prefixes.size())));
      int kept = Math.min(from.length / 2, random.nextInt(LONGEST));
      long[] words = Arrays.copyOf(from, 2 * Math.min(LONGEST, kept + 1 + random.nextInt(8)));
      for (int i = 2 * kept; i < words.length; i++) {
        words[i] = random.nextLong();
      }
      prefixes.add(words);
      return BlockKeys.ofWords(words);
    }

    private static int[] blocks(int first, int count) {
      return IntStream.range(first, first + count).toArray();
    }

    private static void over(Job job) {
      job.settled().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
      job.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  @Test
  void theSameStoreAnswersBlockForBlock() throws IOException {
    StoreStatistics traced = workload(config(""), 400);
    assertTrue(traced.trace().orElseThrow().failure().isEmpty());
    for (StoreStatistics.Tier tier : traced.tiers()) {
      assertTrue(tier.hits() > 100 && tier.evictions() > 100, tier::toString);
    }
    assertEquals(0, replay(directory.resolve("trace.jsonl"), "--json"), this::said);
    String json = out.toString(StandardCharsets.UTF_8);
    assertTrue(json.contains("\"exact\" : true"), json);
    assertTrue(json.contains("\"differing\" : 0"), json);
    assertTrue(json.contains("\"mismatches\" : 0"), json);
    for (StoreStatistics.Tier tier : traced.tiers()) {
      String[] found = json.replaceAll("\\s", "").split("\\{\"name\":\"" + tier.name() + "\"", 2);
      String figures = found[1].substring(0, found[1].indexOf('}'));
      tier.counts()
          .forEach(
              (count, value) -> assertTrue(
                  OF_THE_MEDIUM.contains(count)
                      || figures.contains(
                          ",\"" + count.name().toLowerCase(Locale.ROOT) + "\":" + value + ","),
                  () -> tier.name() + " had " + count + " " + value + ", and has " + figures));
    }
    assertEquals(0, replay(directory.resolve("trace.jsonl")), this::said);
    assertTrue(said().contains("Reproduces the run: all "), this::said);
  }

  @Test
  void anotherStoreAnswersOtherwiseAndThatIsTold() throws IOException {
    workload(config(""), 120);
    assertEquals(
        0, replay(directory.resolve("trace.jsonl"), "--tier", "cpu=20", "--json"), this::said);
    String json = out.toString(StandardCharsets.UTF_8);
    assertTrue(json.contains("\"exact\" : false"), json);
    assertTrue(json.contains("\"same_store\" : false"), json);
    assertTrue(json.contains("trace.jsonl:"), json);
    assertEquals(
        0, replay(directory.resolve("trace.jsonl"), "--tier", "cpu=20", "--tier", "ssd=50"),
        this::said);
    assertTrue(said().contains("The store is not the one that was traced."), this::said);
  }

  @Test
  void rotatedPartsAreReadInOrder() throws IOException {
    workload(config(", rotate-size = 64KiB, files = 90"), 300);
    assertTrue(Files.exists(directory.resolve("trace.jsonl.3")));
    assertEquals(0, replay(directory.resolve("trace.jsonl")), this::said);
    assertTrue(said().contains("Reproduces the run: all "), this::said);
  }

  @Test
  void aTraceThatLostItsBeginningIsReplayedAsFarAsItGoes() throws IOException {
    workload(config(", rotate-size = 64KiB, files = 2"), 300);
    assertEquals(0, replay(directory.resolve("trace.jsonl")), this::said);
    assertTrue(said().contains("Its oldest part is gone"), this::said);
  }

  @Test
  void aTornTraceIsReplayedUpToThere() throws IOException {
    workload(config(""), 60);
    byte[] whole = Files.readAllBytes(directory.resolve("trace.jsonl"));
    int header = new String(whole, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    var random = new SplittableRandom(Long.getLong("pagoda.seed", 1));
    Path torn = directory.resolve("torn.jsonl");
    for (int i = 0; i < 12; i++) {
      int cut = header + 1 + random.nextInt(whole.length - header - 1);
      Files.write(torn, Arrays.copyOf(whole, cut));
      assertEquals(0, replay(torn, "--json"), () -> cut + ": " + said());
      String json = out.toString(StandardCharsets.UTF_8);
      assertTrue(json.contains("\"differing\" : 0"), json);
      assertTrue(json.contains("\"torn\" : " + (whole[cut - 1] != '\n')), json);
    }
  }

  @Test
  void whatIsNoTraceIsRefusedWithFileAndLine() throws IOException {
    workload(config(""), 3);
    Path trace = directory.resolve("trace.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(trace));
    for (String bad : List.of(
        "{\"op\":\"match\",\"n\":1}", "nonsense", "{\"op\":\"dance\",\"n\":1,\"at\":2}",
        lines.get(1).replaceAll("\"keys\":\"..", "\"keys\":\""),
        "{\"op\":\"end\",\"n\":1,\"at\":1,\"end\":\"WELL\",\"blocks\":1,\"us\":1}")) {
      List<String> spoilt = new ArrayList<>(lines);
      spoilt.add(2, bad);
      Path file = Files.write(directory.resolve("bad.jsonl"), spoilt);
      assertTrue(replay(file) != 0, bad);
      assertTrue(said().contains(file + ":3: not a line in the format 'pagoda'"), this::said);
    }
    Path newer = Files.writeString(
        directory.resolve("newer.jsonl"),
        lines.getFirst().replace("trace\":1", "trace\":2") + "\n");
    assertTrue(replay(newer) != 0);
    assertTrue(said().contains("version 2 of the format; this Pagoda reads version 1"), this::said);
    Path empty = Files.writeString(directory.resolve("empty.jsonl"), "");
    assertTrue(replay(empty) != 0);
    assertTrue(replay(directory.resolve("nothing.jsonl")) != 0);
    assertTrue(said().contains("no such file"), this::said);
  }
}
