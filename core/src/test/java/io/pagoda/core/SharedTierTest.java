package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Ending;
import io.pagoda.Fault;
import io.pagoda.Outcome;
import io.pagoda.PagodaException;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.graph.Reach;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Engines that share a tier find what the others have stored. */
class SharedTierTest extends RestartRig {
  private static final long[] PREFIX = {11, 12, 13, 14, 15};
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Shelf.Shared shared = new Shelf.Shared();

  private Shelf shelf(int slots) {
    return new Shelf(shared, slots, BLOCK);
  }

  @Test
  void oneFindsWhatTheOtherHasStored() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    assertFetched(other, 5, PREFIX);
    assertEquals(5, count(other, 1, TierCount.DISCOVERED));
    assertEquals(5, count(other, 1, TierCount.HITS));
    assertFetched(other, 5, PREFIX);
    assertEquals(List.of("find 5 at 0", "load 5"), mine.calls, "what is known is not looked up");
    audit(other, 2);
  }

  @Test
  void onlyWhatIsUnknownIsLookedUp() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    shared.books.remove(13L);
    put(other, 11, 12);
    mine.calls.clear();
    assertFetched(other, 2, PREFIX);
    assertEquals(List.of("find 3 at 2"), mine.calls);
    audit(other, 2);
  }

  @Test
  void itsBytesAreThoseOfWhoStoredItFirst() {
    put(open(8, shelf(16)), 11, 12, 13);
    Engine other = open(3, shelf(16));
    // Other bytes under the same keys: an engine does not compute twice alike.
    put(other, 11);
    put(other, 21, 22, 23); // 11 leaves the hub
    shared.books.put(11L, Objects.requireNonNull(shared.books.get(12L)));
    Outcome outcome = fetch(other, keys(11));
    assertEquals(1, outcome.blocks(), outcome.reason());
    assertEquals(pattern(12, 0), memory.get(ValueLayout.JAVA_BYTE, 0));
    assertEquals(0, count(other, 1, TierCount.CORRUPT));
    audit(other, 2);
  }

  @Test
  void spoiltBlocksAreRejectedAndMayBeStoredAnew() {
    put(open(8, shelf(16)), PREFIX);
    Objects.requireNonNull(shared.books.get(13L)).bytes()[5] ^= 1;
    var mine = shelf(16);
    Engine other = open(8, mine);
    assertFetched(other, 2, PREFIX);
    assertTrue(mine.calls.contains("reject 13"), mine.calls.toString());
    assertEquals(1, count(other, 1, TierCount.CORRUPT));
    assertEquals(0, count(other, 1, TierCount.QUARANTINED), "its slot is only a number");
    put(other, PREFIX);
    assertFetched(open(8, shelf(16)), 5, PREFIX);
    audit(other, 2);
  }

  @Test
  void whatIsGoneIsForgotten() {
    put(open(8, shelf(16)), PREFIX);
    Engine other = open(8, shelf(16));
    assertEquals(5, other.match(keys(PREFIX)).blocks());
    shared.books.remove(14L);
    assertFetched(other, 3, PREFIX);
    assertEquals(3, other.match(keys(PREFIX)).blocks());
  }

  /** Also while matches hold it, which then bring less. */
  @Test
  void whatATierHasLostIsForgottenBeforeAnybodyFetchesIt() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    var held = other.match(keys(PREFIX));
    assertEquals(5, held.blocks());
    var gone = keys(13, 15, 99);
    long[] words = new long[2 * gone.size()];
    for (int i = 0; i < gone.size(); i++) {
      shared.books.remove(gone.low(i));
      words[2 * i] = gone.high(i);
      words[2 * i + 1] = gone.low(i);
    }
    Objects.requireNonNull(mine.consent).lost(words);
    Ending ending = other.explain(keys(PREFIX));
    assertEquals(2, ending.blocks());
    assertEquals(Ending.Cause.LOST, ending.cause());
    held.close();
    assertEquals(3, count(other, 1, TierCount.USED));
    assertFetched(other, 2, PREFIX);
    put(open(8, shelf(16)), PREFIX);
    assertFetched(other, 5, PREFIX);
    assertEquals(0, count(other, 1, TierCount.CORRUPT));
    audit(other, 2);
  }

  @Test
  void whatFailsForNowIsKept() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    mine.fate = new PagodaException(Fault.TRANSIENT, "the network is down");
    assertEquals(0, fetch(other, keys(PREFIX)).blocks());
    mine.fate = null;
    assertFetched(other, 5, PREFIX);
    audit(other, 2);
  }

  @Test
  void fewSlotsAreEnoughForTheBeginning() {
    put(open(8, shelf(16)), PREFIX);
    Engine other = open(8, shelf(3));
    assertFetched(other, 3, PREFIX);
    put(other, 31, 32, 33); // takes their slots
    assertEquals(3, other.match(keys(31, 32, 33)).blocks());
    audit(other, 2);
  }

  @Test
  void theBlockBeforeDoesNotMakeRoomForTheNext() {
    put(open(8, shelf(16)), PREFIX);
    Engine other = open(1, shelf(1));
    try (var match = other.match(keys(11))) {
      assertEquals(1, match.blocks());
    }
    assertEquals(1, other.match(keys(11, 12)).blocks());
    audit(other, 2);
  }

  @Test
  void aMatchWaitsNoLongerThanItIsTold() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    mine.holding = true;
    var hasty = EngineSettings.DEFAULT.with(new Reach(Duration.ofMillis(20), Duration.ZERO));
    Engine other = open(8, hasty, mine);
    assertEquals(0, other.match(keys(PREFIX)).blocks());
    mine.held.removeFirst().run();
    mine.holding = false;
    assertEquals(5, other.match(keys(PREFIX)).blocks(), "what came late is there now");
    assertEquals(List.of("find 5 at 0"), mine.calls);
  }

  @Test
  void anAnswerAfterTheCloseIsNobodysBusiness() {
    var mine = shelf(16);
    mine.holding = true;
    var hasty = EngineSettings.DEFAULT.with(new Reach(Duration.ZERO, Duration.ZERO));
    Engine other = open(8, hasty, mine);
    assertEquals(0, other.match(keys(PREFIX)).blocks());
    other.close();
    mine.held.removeFirst().run();
    assertEquals(List.of("find 5 at 0", "close"), mine.calls);
  }

  @Test
  void nothingInUseIsDeleted() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    other.match(keys(PREFIX)).close();
    assertEquals("{0, 1}", asked(mine, 11, 12), "they lead to others");
    try (var match = other.match(keys(PREFIX))) {
      assertEquals("{0}", asked(mine, 15));
      assertEquals(5, match.blocks());
    }
    assertEquals("{}", asked(mine, 99), "it is not known here");
    shared.books.remove(15L);
    assertEquals("{}", asked(mine, 15));
    assertEquals(4, other.match(keys(PREFIX)).blocks());
    audit(other, 2);
  }

  @Test
  void theEndOfAPrefixMayGoTogetherLastBlockFirst() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    other.match(keys(PREFIX)).close();
    assertEquals("{}", asked(mine, 15, 14, 13));
    shared.books.keySet().removeAll(List.of(13L, 14L, 15L));
    assertEquals(2, other.match(keys(PREFIX)).blocks());
    audit(other, 2);
  }

  /** They are in one object, which stays: nothing that is there is to be looked up again. */
  @Test
  void whatIsAskedForTogetherStaysTogether() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    Engine other = open(8, mine);
    other.match(keys(PREFIX)).close();
    try (var match = other.match(keys(11, 12, 13))) {
      assertEquals(3, match.blocks());
      assertEquals("{2}", asked(mine, 15, 14, 13));
    }
    mine.calls.clear();
    assertEquals(5, other.match(keys(PREFIX)).blocks());
    assertEquals(List.of(), mine.calls);
    audit(other, 2);
  }

  @Test
  void storesTellHowDeepBlocksAre() {
    var mine = shelf(16);
    Engine engine = open(8, mine);
    put(engine, 11, 12);
    put(engine, PREFIX);
    assertEquals(Map.of(11L, 0, 12L, 1, 13L, 2, 14L, 3, 15L, 4), mine.depths);
    audit(engine, 2);
  }

  private String asked(Shelf shelf, long... lows) {
    long[] words = new long[2 * lows.length];
    for (int i = 0; i < lows.length; i++) {
      words[2 * i] = 77;
      words[2 * i + 1] = lows[i];
    }
    var answer = new CompletableFuture<BitSet>();
    Objects.requireNonNull(shelf.consent).ask(words, answer::complete);
    return answer.orTimeout(20, TimeUnit.SECONDS).join().toString();
  }

  @Test
  void aResetForgetsThemToo() {
    var mine = shelf(16);
    Engine engine = open(8, mine);
    put(engine, PREFIX);
    engine.reset().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    assertTrue(mine.calls.contains("forgetAll"), mine.calls.toString());
    assertFetched(engine, 0, PREFIX);
  }

  @Test
  void whatTakesLongerThanComputingIsNotFetched() {
    put(open(8, shelf(16)), PREFIX);
    var mine = shelf(16);
    var thrifty = EngineSettings.DEFAULT.with(new Reach(LONG, Duration.ofNanos(1)));
    Engine other = open(5, thrifty, mine);
    assertFetched(other, 5, PREFIX); // nobody knows yet how long it takes
    put(other, 31, 32, 33, 34, 35); // the hub has no room for more
    mine.calls.clear();
    Outcome outcome = fetch(other, keys(PREFIX));
    assertTrue(outcome.blocks() < 5, outcome.toString());
    assertTrue(outcome.reason().contains("computing the rest anew"), outcome.reason());
    assertFalse(mine.calls.stream().anyMatch(call -> call.startsWith("load")), "no byte moved");
    long spared = other.statistics().jobs().count(JobCount.NOT_WORTH_FETCHING);
    assertEquals(5 - outcome.blocks(), spared);
  }
}
