package io.pagoda.core;

import static io.pagoda.core.SmallStore.keys;
import static io.pagoda.core.SmallStore.upTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.ByteSize;
import io.pagoda.Draft;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.PagodaException;
import io.pagoda.Put;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.trace.TraceHeader;
import io.pagoda.core.trace.TraceSettings;
import io.pagoda.core.trace.TracingStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store writes down of its requests. */
class TracingTest {
  private static final Edge BACK = new Edge("disk", WritePolicy.BACK, Promotion.MOVE);

  /** Of a match that is closed, and of a match, a fetch and its end. */
  private static final long LINES_EACH = 2 + 3;

  @TempDir Path directory;

  private final SmallStore small = new SmallStore(8, 8, BACK, EngineSettings.DEFAULT);

  @AfterEach
  void close() {
    small.close();
  }

  private BlockStore traced(Path file, SmallStore store) {
    var settings = new TraceSettings(file, ByteSize.ofMebibytes(64), 2, Duration.ofMillis(50));
    var header = new TraceHeader(
        "tiny", 16, store.graph, List.of("cpu", "ssd"), List.of("lru", "lru"),
        EngineSettings.DEFAULT);
    return TracingStore.open(store.store, settings, header);
  }

  /** The lines without times, keys and what else differs from run to run. */
  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file)
        .stream()
        .skip(1)
        .map(line -> line.replaceAll("\"(at|us)\":\\d+,?|,?\"keys\":\"[^\"]*\"", ""))
        .map(line -> line.replaceAll(",}", "}").replaceAll("\"(op|n)\":", "").replace("\"", ""))
        .toList();
  }

  @Test
  void writesDownWhatIsAskedAndWhatBecomesOfIt() throws IOException {
    Path file = directory.resolve("trace.jsonl");
    BlockStore store = traced(file, small);
    SmallStore.over(
        store.put(keys(1, 3), small.pool, upTo(3), JobOptions.DEFAULT.in(Namespace.of("a", "b"))));
    store.match(keys(7, 2)).close();
    Match one = store.match(keys(1, 4));
    Match two = store.match(keys(1, 2));
    List<Job> fetches = store.fetch(
        small.pool,
        List.of(
            new Fetch(one, new int[] {4, 5, 6, 7}, JobOptions.DEFAULT),
            new Fetch(two, new int[] {8}, JobOptions.DEFAULT)));
    fetches.forEach(SmallStore::over);
    Draft draft = store.draft(keys(50, 2), Namespace.SHARED);
    store.draft(keys(60, 1), Namespace.SHARED).close();
    SmallStore.over(
        store.put(small.pool, List.of(new Put(draft, upTo(2), JobOptions.DEFAULT))).getFirst());
    Job prefetch = store.prefetch(store.match(keys(50, 2)), JobOptions.DEFAULT);
    SmallStore.over(prefetch);
    prefetch.cancel().toCompletableFuture().join();
    assertEquals("", store.statistics().trace().orElseThrow().failure());
    store.close();
    List<String> lines = lines(file);
    assertEquals(
        List.of(
            "{put,0,namespace:[a,b]}", "{end,0,end:COMPLETED,blocks:3}", "{finished,0,blocks:3}",
            "{match,1,found:0,tiers:[0,0]}", "{close,1}", "{match,2,found:3,tiers:[3,0]}",
            "{match,3,found:2,tiers:[2,0]}", "{fetch,4,matches:[2,3],blocks:[3,1]}"),
        lines.subList(0, 8));
    assertEquals(
        List.of("{end,4,end:COMPLETED,blocks:3}", "{end,5,end:COMPLETED,blocks:1}"),
        lines.subList(8, 10).stream().sorted().toList());
    assertEquals(
        List.of(
            "{draft,6,namespace:[],found:2}", "{draft,7,namespace:[],found:1}", "{close,7}",
            "{launch,8,drafts:[6]}", "{end,8,end:COMPLETED,blocks:2}", "{finished,8,blocks:2}",
            "{match,9,found:2,tiers:[2,0]}", "{prefetch,10,match:9}",
            "{end,10,end:COMPLETED,blocks:2}", "{cancel,10}"),
        lines.subList(10, lines.size()));
  }

  @Test
  void theHeaderSaysWhatTheStoreIs() throws IOException {
    Path file = directory.resolve("trace.jsonl");
    traced(file, small).close();
    String header = Files.readAllLines(file).getFirst();
    assertTrue(header.startsWith("{\"pagoda-trace\":1,\"run\":\""), header);
    assertTrue(
        header.endsWith(
            "\"part\":0,\"started\":" + header.replaceAll(".*\"started\":(\"[^\"]*\").*", "$1")
                + ",\"tiers\":[\"host\",\"disk\"],\"config\":{\"block-bytes\":\"128B\","
                + "\"model\":{\"name\":\"tiny\",\"tokens-per-block\":16},\"tiers\":["
                + "{\"name\":\"host\",\"type\":\"cpu\",\"blocks\":8,\"eviction\":\"lru\"},"
                + "{\"name\":\"disk\",\"type\":\"ssd\",\"blocks\":8,\"eviction\":\"lru\"}],"
                + "\"graph\":{\"edges\":[{\"to\":\"disk\",\"write\":\"back\","
                + "\"promote\":\"move\",\"admit\":\"all\"}]},\"quotas\":[],"
                + "\"engine\":{\"pin-timeout\":\"60000ms\",\"job-timeout\":\"30000ms\","
                + "\"copy-threads\":2}}}"),
        header);
  }

  @Test
  void plansOfAnotherStoreAreRefused() {
    BlockStore store = traced(directory.resolve("trace.jsonl"), small);
    Match untraced = small.store.match(keys(1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> store.prefetch(untraced, JobOptions.DEFAULT));
    Draft draft = small.store.draft(keys(1, 1), Namespace.SHARED);
    var puts = List.of(new Put(draft, upTo(1), JobOptions.DEFAULT));
    assertThrows(IllegalArgumentException.class, () -> store.put(small.pool, puts));
    untraced.close();
    draft.close();
    store.close();
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedAtOnce() {
    Path file = directory.resolve("nowhere").resolve("trace.jsonl");
    var e = assertThrows(PagodaException.class, () -> traced(file, small));
    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e::toString);
  }

  /** The bar is 2 µs; a machine that is busy gets ten times as many, and several turns. */
  @Test
  void aRequestCostsItsCallerLittle() {
    BlockStore store = traced(directory.resolve("trace.jsonl"), small);
    SmallStore.over(small.store.put(keys(1, 8), small.pool, upTo(8)));
    for (BlockStore either : List.of(store, small.store, store, small.store)) {
      matching(either, keys(900, 1), 5_000);
      fetching(either, 5_000);
    }
    long lines = awaitWritten(store, 2 * 5_000 * LINES_EACH);
    BlockKeys keys = keys(900, 512);
    long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    for (int turn = 0; turn == 0 || (turn < 20 && !isLittle(least)); turn++) {
      least[0] = Math.min(least[0], matching(store, keys, 1_000));
      least[1] = Math.min(least[1], matching(small.store, keys, 1_000));
      least[2] = Math.min(least[2], fetching(store, 1_000));
      least[3] = Math.min(least[3], fetching(small.store, 1_000));
      lines = awaitWritten(store, lines + 1_000 * LINES_EACH);
    }
    assertEquals(0, store.statistics().trace().orElseThrow().dropped());
    store.close();
    System.out.printf(
        "a match takes %d ns traced and %d ns untraced, a fetch %d ns and %d ns%n", least[0],
        least[1], least[2], least[3]);
    assertTrue(isLittle(least), () -> Arrays.toString(least));
  }

  private static boolean isLittle(long[] least) {
    return least[0] - least[1] < 20_000 && least[2] - least[3] < 20_000;
  }

  /** Waits until so many lines are written, so that the queue has room for more. */
  private static long awaitWritten(BlockStore store, long lines) {
    EngineRig.awaitUntil(
        () -> store.statistics().trace().orElseThrow().lines() >= lines, "lines are written");
    return lines;
  }

  /** {@return the median time of a match that finds nothing, and is closed} */
  private static long matching(BlockStore store, BlockKeys keys, int count) {
    long[] times = new long[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      store.match(keys).close();
      times[i] = System.nanoTime() - start;
    }
    Arrays.sort(times);
    return times[count / 2];
  }

  /** {@return the median time that the call of a fetch takes, which another thread then does} */
  private long fetching(BlockStore store, int count) {
    int[] blocks = upTo(8);
    long[] times = new long[count];
    for (int i = 0; i < count; i++) {
      Match match = store.match(keys(1, 8));
      long start = System.nanoTime();
      Job job = store.fetch(match, small.pool, blocks);
      times[i] = System.nanoTime() - start;
      assertEquals(8, SmallStore.over(job).blocks());
    }
    Arrays.sort(times);
    return times[count / 2];
  }
}
