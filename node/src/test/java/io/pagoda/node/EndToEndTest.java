package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.Namespace;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import io.pagoda.node.demo.Chat;
import io.pagoda.node.demo.Workload;
import io.pagoda.node.replay.Geometry;
import io.pagoda.node.replay.Latencies;
import io.pagoda.node.replay.Replay;
import io.pagoda.node.replay.ReplayReport;
import io.pagoda.node.replay.ReplaySettings;
import io.pagoda.node.replay.Request;
import io.pagoda.node.replay.RequestSource;
import io.pagoda.node.text.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command over the real tiers: host memory and SSD. */
class EndToEndTest {
  /** Always the same: which tier has how many hits is known of this one. */
  private static final long SEED = 1;

  @TempDir Path directory;

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

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Requests that continue one of the last prefixes, or begin anew. */
  private Path trace() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    List<List<Long>> prompts = new ArrayList<>(List.of(List.of(0L)));
    StringBuilder lines = new StringBuilder();
    long nextId = 1;
    for (int i = 0; i < 600; i++) {
      int back = 1 + random.nextInt(Math.min(prompts.size(), 60));
      List<Long> prompt = new ArrayList<>(prompts.get(prompts.size() - back));
      prompt.subList(Math.min(prompt.size(), 12), prompt.size()).clear();
      for (int more = random.nextInt(6); more >= 0; more--) {
        prompt.add(nextId++);
      }
      prompts.add(prompt);
      lines.append(
          "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": 1, \"hash_ids\": %s}%n"
              .formatted(i, 512 * prompt.size(), prompt));
    }
    return Files.writeString(directory.resolve("trace.jsonl"), lines);
  }

  private int replay(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(List.of("replay", "--trace", trace().toString(), "--format", "mooncake"));
    Collections.addAll(args, more);
    return run(args.toArray(String[]::new));
  }

  @Test
  void aTraceGoesThroughBothTiersAndEveryByteComesBack() throws IOException {
    int code = replay(
        "--tier", "cpu=100", "--tier", "ssd=500", "--block-bytes", "16KiB", "--policy", "lru",
        "--json", "-");
    assertEquals(0, code, this::err);
    assertEquals(600, number("requests"));
    assertEquals(0, number("mismatches"));
    assertEquals(0, number("short_fetches"));
    assertTrue(number("cpu") > 0, this::out);
    assertTrue(number("ssd") > 0, this::out);
    assertTrue(number("evictions") > 500, this::out);
    assertTrue(out().contains("\"edge\" : \"cpu->ssd\""), this::out);
  }

  /** A slower disk stands for a bucket, which has every block from the start. */
  @Test
  void aDiskHasWhatLeftMemoryThoughABucketHasItToo() throws IOException {
    Path file = Files.writeString(directory.resolve("store.conf"), """
        pagoda {
          block-bytes = 16KiB
          eviction.policy = lru
          tiers = [ { name = host, type = cpu, blocks = 50 }
                    { name = disk, type = ssd, blocks = 200, directory = "%s" }
                    { name = bucket, type = ssd, blocks = 5000, directory = "%s" } ]
          graph { write = back, promote = move
                  edges = [ { to = bucket, write = through, promote = copy } ] }
        }
        """.formatted(directory.resolve("near"), directory.resolve("far")));
    assertEquals(0, replay("--config", file.toString(), "--json", "-"), this::err);
    assertEquals(0, number("mismatches"));
    assertTrue(number("disk") > 300, this::out);
    assertTrue(number("bucket") < 30, this::out);
  }

  /** The first number of that name in the report. */
  private long number(String name) {
    String[] parts = out().split("\"" + name + "\" : ", 2);
    assertEquals(2, parts.length, () -> "no " + name + " in " + out());
    return Long.parseLong(parts[1].split("[,\\s}]", 2)[0]);
  }

  @Test
  void manyCallersMayShareTheTiers() throws IOException {
    int code = replay(
        "--tier", "cpu=200", "--tier", "ssd=500", "--block-bytes", "16KiB", "--callers", "4",
        "--json", "-");
    assertEquals(0, code, this::err);
    assertEquals(600, number("requests"));
    assertEquals(0, number("mismatches"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"--tier cpu=10 --tier tape=10 --block-bytes 16KiB | tape",
    "--tier cpu=10 --tier ssd=10 --block-bytes 10KiB | 4KiB",
    "--tier cpu=10 --block-bytes 16384 | block-bytes", "--tier cpu=ten --block-bytes 16KiB | ten",
    "--tier cpu=10 --policy LRU --block-bytes 16KiB | LRU",
    "--tier cpu=10 --set pagoda.block-byte=1KiB | block-byte",
    "--tier ssd=10 --block-bytes 16KiB | first tier must be host memory",
    "--tier ssd=10 --tier cpu=10 --block-bytes 16KiB | first tier must be host memory",
    "--tier cpu=2000000000 --block-bytes 1MiB | Lower its capacity or blocks",
    "--tier cpu=10 --set pagoda.engine.job-timeout=30 | job-timeout = 30 has no unit",
    "--tier cpu=10 --tier ssd=10 --set pagoda.tier.ssd.queue-depth=0 | command line: pagoda.tiers",
    "--config missing.conf | missing.conf",})
  void wrongSettingsAreNamedInOneLine(String options, String complaint) throws IOException {
    assertEquals(ExitCode.CONFIGURATION, replay(options.split(" ")), () -> out() + err());
    assertTrue(err().contains(complaint), this::err);
    assertFalse(err().contains("Exception"), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @Test
  void anUnknownKeyIsRefusedWithItsLine() throws IOException {
    Path file = directory.resolve("store.conf");
    Files.writeString(
        file,
        "pagoda {\n  block-bytes = 16KiB\n  tiers = [{type = cpu, blocks = 9, blcks = 9}]\n}");
    assertEquals(ExitCode.CONFIGURATION, replay("--config", file.toString()));
    assertTrue(err().contains("store.conf") && err().contains("3"), this::err);
    assertTrue(err().contains("blcks") && err().contains("blocks"), this::err);
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    int code = replay(
        "--tier", "cpu=10", "--tier", "ssd=10", "--block-bytes", "16KiB", "--set",
        "pagoda.tier.ssd.directory=" + file.resolve("below"));
    assertEquals(ExitCode.CONFIGURATION, code, this::out);
    assertTrue(err().contains(file.toString()), this::err);
    assertEquals(1, err().lines().count(), this::err);
  }

  @Test
  void pluginsAreListed() {
    assertEquals(0, run("plugins"), this::err);
    assertTrue(out().lines().anyMatch(line -> line.matches(" +tier +cpu .* ready")), this::out);
    assertTrue(out().lines().anyMatch(line -> line.matches(" +tier +ssd .*")), this::out);
    assertTrue(out().contains("lru"), this::out);
  }

  @Test
  void everyKeyIsShownWithItsOrigin() {
    assertEquals(0, run("config", "--block-bytes=32KiB"), this::err);
    assertTrue(
        out().lines()
            .anyMatch(line -> line.matches(" +pagoda.block-bytes = 32KiB .*command line.*")),
        this::out);
    assertTrue(out().contains("pagoda.tier.ssd.queue-depth = 512"), this::out);
  }

  /** Requests that damage the store's files half way. */
  private record Saboteur(
      RequestSource source, Path files, int at, int[] served) implements RequestSource {
    @Override
    public Optional<Request> next() {
      if (served[0]++ == at) {
        truncate();
      }
      return source.next();
    }

    private void truncate() {
      try (Stream<Path> all = Files.walk(files)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(4096);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public double progress() {
      return source.progress();
    }

    @Override
    public int tokensPerBlock() {
      return source.tokensPerBlock();
    }

    @Override
    public void close() {
      source.close();
    }
  }

  @Test
  void aTruncatedFileMakesShorterPrefixesAndNoWrongBytes() {
    Path files = directory.resolve("ssd");
    Overrides overrides = Overrides.NONE.tier("cpu=100")
        .tier("ssd=2000")
        .blockBytes("16KiB")
        .set("pagoda.tier.ssd.directory", files.toString());
    Latencies latencies = new Latencies();
    try (OpenStore open = new ConfiguredStores().open(Optional.empty(), overrides, latencies)) {
      ReplaySettings settings =
          ReplaySettings.sequential(Geometry.layerFirst(ByteSize.ofKibibytes(16)));
      ReplayReport report = new Replay(open.store(), settings, latencies, Progress.SILENT)
          .run(new Saboteur(conversations(), files, 150, new int[1]));
      assertEquals(0, report.counts().mismatches());
      assertTrue(report.counts().shortFetches() > 0, () -> report.counts().toString());
    }
  }

  private static Workload conversations() {
    Chat chat = new Chat(5, 80, 4, 200, 4, 60, 40, Duration.ofSeconds(1), Duration.ofSeconds(10));
    return new Workload(
        chat, 16, tokens -> BlockHasher.of(ModelFingerprint.of("test", 1), 16)
            .keys(Namespace.SHARED, tokens));
  }
}
