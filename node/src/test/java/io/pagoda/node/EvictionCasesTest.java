package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who leaves a full tier, by each policy, through a whole store: host memory for four blocks of one
 * token each, which are called by letters; a word of several letters is a prefix.
 *
 * <p>The cases are those that FlexKV was run with. It counts each match as a use; here a use is a
 * fetch, or a put of what is there already, and a bare match is none. It evicts a ratio of the tier
 * at once, and here a put evicts as many blocks as it needs: the victims are the same.
 */
class EvictionCasesTest {
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 16, 1024);

  @TempDir Path directory;

  private final Arena arena = Arena.ofShared();
  private Optional<OpenStore> open = Optional.empty();
  private Optional<Pool> pool = Optional.empty();

  @AfterEach
  void close() {
    closeStore();
    arena.close();
  }

  private void closeStore() {
    pool.ifPresent(Pool::close);
    open.ifPresent(OpenStore::close);
  }

  private void open(String eviction) throws IOException {
    Path file = Files.writeString(directory.resolve("store.conf"), """
        pagoda {
          block-bytes = 4KiB
          model.tokens-per-block = 1
          tiers = [ { type = cpu, blocks = 4 } ]
          eviction { %s }
        }
        """.formatted(eviction));
    OpenStore opened =
        new ConfiguredStores().open(Optional.of(file), Overrides.NONE, StageTimes.NONE);
    open = Optional.of(opened);
    pool = Optional.of(opened.store().register(SPEC, arena.allocate(SPEC.bytes(), 64)));
  }

  private BlockStore store() {
    return open.orElseThrow().store();
  }

  private Pool pool() {
    return pool.orElseThrow();
  }

  private static BlockKeys keys(String word) {
    return BlockHasher.of(ModelFingerprint.of("default", 4096), 1)
        .keys(Namespace.SHARED, word.chars().toArray());
  }

  private static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static Outcome ended(Job job) {
    return job.finished().toCompletableFuture().join();
  }

  private int put(String word) {
    return ended(store().put(keys(word), pool(), upTo(word.length()))).blocks();
  }

  private void use(String word, int times) {
    for (int i = 0; i < times; i++) {
      Match match = store().match(keys(word));
      assertEquals(word.length(), match.blocks(), word);
      assertEquals(
          word.length(), ended(store().fetch(match, pool(), upTo(word.length()))).blocks());
    }
  }

  private int held(String word) {
    try (Match match = store().match(keys(word))) {
      return match.blocks();
    }
  }

  private static Stream<String> letters(String word) {
    return word.chars().mapToObj(Character::toString);
  }

  private void putABCD() {
    letters("ABCD").forEach(letter -> assertEquals(1, put(letter)));
  }

  /** Uses blocks in an order such as {@code A10 B1}: A ten times, then B once. */
  private void use(String uses) {
    for (String each : uses.split(" ", -1)) {
      use(each.substring(0, 1), Integer.parseInt(each.substring(1)));
    }
  }

  /** {@return which of A, B, C and D have to go when so many blocks come at once} */
  private String victims(int count) {
    assertEquals(count, put("EFGH".substring(0, count)));
    return letters("ABCD").filter(letter -> held(letter) == 0).collect(Collectors.joining());
  }

  /** Case 19: the victims of three evictions in a row. */
  @ParameterizedTest
  @CsvSource({"lru, BCD", "lfu, DCB", "slru, BCD", "fifo, ABC", "mru, ADC", "filo, DCB"})
  void whoGoesFirstSecondAndThird(String policy, String inOrder) throws IOException {
    for (int count = 1; count <= 3; count++) {
      open("policy = " + policy);
      putABCD();
      use("B4 C3 D2 A5");
      String gone = inOrder.substring(0, count);
      assertEquals(letters(gone).sorted().collect(Collectors.joining()), victims(count));
      closeStore();
    }
  }

  /** Case 19: of blocks used equally often, the one used longest ago. */
  @Test
  void lfuBreaksTiesByAge() throws IOException {
    open("policy = lfu");
    putABCD();
    use("C2 A2 D2 B2");
    assertEquals("AC", victims(2));
  }

  /** FlexKV would count these. */
  @Test
  void aBareMatchIsNoUse() throws IOException {
    open("policy = lfu");
    putABCD();
    use("A1 B1 C1");
    for (int i = 0; i < 10; i++) {
      assertEquals(1, held("D"));
    }
    assertEquals("D", victims(1));
  }

  @Test
  void aPutOfWhatIsThereIsAUse() throws IOException {
    open("policy = lfu");
    putABCD();
    putABCD();
    assertEquals(1, put("A"));
    use("C1 D2");
    assertEquals("B", victims(1));
  }

  /** Case 20; the last two, that the put which brought a block does not count. */
  @ParameterizedTest
  @CsvSource({"5, A10 B1 C1 D1, 1, B", "100, A1 B1 C1 D1, 1, A", "3, A5 B3 D1 C2, 1, D",
    "3, A5 B5 C1 D1, 2, CD", "1, A1 B1 C1, 1, D", "2, C2 A2 D2 B2, 1, C", "3, A5 B3 C2 D1, 1, C",
    "1, A1 C1 D1, 2, AB"})
  void whatIsUsedOftenOutlivesWhatIsUsedLate(int hits, String uses, int count, String gone)
      throws IOException {
    open("policy = slru, slru.protected-hits = " + hits);
    putABCD();
    use(uses);
    assertEquals(gone, victims(count));
  }

  /** Case 18: a prefix goes from its end, and never under what continues it. */
  @ParameterizedTest
  @ValueSource(strings = {"lru", "lfu", "slru", "fifo", "mru", "filo"})
  void blocksWithSuccessorsStay(String policy) throws IOException {
    open("policy = " + policy);
    assertEquals(4, put("ABCD"));
    use("A", 3);
    for (int left = 3; left >= 0; left--) {
      String other = "EFGH".substring(0, 4 - left);
      assertEquals(other.length(), put(other));
      assertEquals(left, held("ABCD"));
    }
  }

  /** Case 18: a block that is matched, and so about to be fetched. */
  @ParameterizedTest
  @ValueSource(strings = {"lru", "lfu", "slru", "fifo", "mru", "filo"})
  void pinnedBlocksStay(String policy) throws IOException {
    for (String pinned : List.of("A", "B", "C", "D")) {
      open("policy = " + policy);
      putABCD();
      try (Match match = store().match(keys(pinned))) {
        assertEquals(3, put("EFGH"), "there is room for three");
        assertEquals(1, held(pinned));
        assertEquals(1, match.blocks());
      }
      assertEquals(1, put("I"));
      closeStore();
    }
  }

  /** Case 18: a block that is on its way. */
  @ParameterizedTest
  @ValueSource(strings = {"lru", "lfu", "slru", "fifo", "mru", "filo"})
  void blocksThatAreNotReadyStay(String policy) throws IOException {
    open("policy = " + policy);
    putABCD();
    Draft draft = store().draft(keys("XY"), Namespace.SHARED);
    assertEquals(2, draft.blocks());
    assertEquals(0, held("XY"));
    assertEquals(2, put("EFGH"), "there is room for two");
    var putOfDraft = new Put(draft, upTo(2), JobOptions.DEFAULT);
    assertEquals(2, ended(store().put(pool(), List.of(putOfDraft)).getFirst()).blocks());
    assertEquals(2, held("XY"));
  }
}
