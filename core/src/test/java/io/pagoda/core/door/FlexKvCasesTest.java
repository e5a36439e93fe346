package io.pagoda.core.door;

import static io.pagoda.core.door.Rig.mask;
import static io.pagoda.core.door.Rig.settled;
import static io.pagoda.core.door.Rig.slots;
import static io.pagoda.core.door.Rig.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvDraft;
import io.pagoda.KvMatch;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvStatus;
import io.pagoda.KvStatus.State;
import io.pagoda.KvTask;
import io.pagoda.Outcome.End;
import io.pagoda.SlotMapping;
import io.pagoda.TokenMask;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.tck.FaultPlan;
import io.pagoda.tck.FaultPlan.Direction;
import io.pagoda.tck.FaultyTier;
import io.pagoda.tck.HeldTier;
import io.pagoda.tck.Misdeed;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What FlexKV does, as an engine that moves from it will expect it: requests and tasks of its
 * black-box cases, with their numbers. Where Pagoda does better on purpose, the test says so.
 */
class FlexKvCasesTest {
  private static final Edge THROUGH = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY);
  private static final Duration SOON = Duration.ofMillis(30);
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void case04WholeBlocksComeBackAndAreNotStoredTwice() {
    try (Rig rig = new Rig(16)) {
      int[] ten = tokens(1, 10);
      rig.getting(ten, 0, TokenMask.none(10));
      rig.putting(ten, 0, mask(0, 8, 10));
      assertEquals(2, rig.gathered());
      assertEquals(2, rig.used(0));
      rig.getting(ten, 8, mask(0, 8, 10));
      rig.putting(ten, 0, TokenMask.none(10));
      assertEquals(2, rig.gathered());
      rig.getting(tokens(1, 13), 8, mask(0, 8, 13));
    }
  }

  @Test
  void case05SharingIsByBlocks() {
    try (Rig rig = new Rig(16)) {
      int[] ten = tokens(1, 10);
      rig.putting(ten, 0, mask(0, 8, 10));
      rig.getting(Rig.fork(ten, 6, tokens(2, 12)), 4, mask(0, 4, 12));
    }
  }

  @Test
  void case06OnlyWhatIsNewIsStoredAndOnlyWhatIsMaskedIsLoaded() {
    try (Rig rig = new Rig(16)) {
      int[] sixteen = tokens(1, 16);
      rig.putting(tokens(1, 8), 0, mask(0, 8, 8));
      rig.write(sixteen, 4);
      try (KvDraft draft = rig.cache.draft(KvRequest.of(sixteen))) {
        assertEquals(mask(8, 16, 16), draft.tokens());
        assertEquals(16, draft.held());
        KvTask put = rig.cache.launch(draft, rig.pool, slots(6, 8));
        assertEquals(new KvOutcome(End.COMPLETED, mask(8, 16, 16), ""), settled(put));
      }
      assertEquals(4, rig.gathered());
      rig.getting(sixteen, 10, mask(0, 16, 16));
      rig.blank();
      boolean[] second = new boolean[16];
      java.util.Arrays.fill(second, 8, 16, true);
      KvTask get = rig.cache.fetch(KvRequest.of(sixteen).masked(second), rig.pool, slots(20, 8));
      assertEquals(mask(8, 16, 16), settled(get).tokens());
      rig.assertHolds(sixteen, 2, 4, 20);
    }
  }

  /** FlexKV finds nothing when the beginning is gone, though the engine has asked for the rest. */
  @Test
  void case06BetterTheRestIsFoundWithoutTheBeginning() {
    var plan = FaultPlan.script(Misdeed.CORRUPT).only(Direction.LOAD);
    var disk = new FaultyTier(Rig.disk(16), plan, new Random(5));
    try (Rig rig = new Rig(4, THROUGH, disk)) {
      int[] first = tokens(1, 16);
      Rig.await(rig.put(first, 0).finished());
      Rig.await(rig.put(tokens(2, 16), 4).finished());
      KvTask spoilt =
          rig.cache.fetch(KvRequest.of(first).masked(mask(0, 4, 16)), rig.pool, slots(0, 4));
      assertEquals(TokenMask.none(16), settled(spoilt).tokens(), "block 0 came back corrupt");
      assertEquals(0, rig.cache.match(KvRequest.of(first)).tokens().count());
      rig.blank();
      KvTask rest = rig.cache.fetch(KvRequest.of(first).from(4), rig.pool, slots(9, 12));
      assertEquals(mask(4, 16, 16), settled(rest).tokens());
      rig.assertHolds(first, 1, 4, 9);
    }
  }

  @Test
  void case07WhatIsBeingStoredIsNeitherFoundNorStoredAgain() {
    try (Rig rig = new Rig(16)) {
      int[] eight = tokens(1, 8);
      rig.write(tokens(1, 12), 0);
      KvDraft unfinished = rig.cache.draft(KvRequest.of(eight));
      rig.getting(eight, 8, TokenMask.none(8));
      rig.write(tokens(1, 12), 0);
      try (KvDraft again = rig.cache.draft(KvRequest.of(eight));
          KvDraft longer = rig.cache.draft(KvRequest.of(tokens(1, 12)))) {
        assertEquals(TokenMask.none(8), again.tokens());
        assertEquals(mask(8, 12, 12), longer.tokens());
      }
      settled(rig.cache.launch(unfinished, rig.pool, slots(0, 8)));
      rig.getting(eight, 8, mask(0, 8, 8));
    }
  }

  @Test
  void case08APutBeginsAtTheBeginningAndLessThanABlockIsNothing() {
    try (Rig rig = new Rig(16)) {
      var late =
          KvRequest.of(tokens(1, 8)).masked(false, false, false, false, true, true, true, true);
      var refused = assertThrows(
          IllegalArgumentException.class, () -> rig.cache.put(late, rig.pool, slots(0, 4)));
      assertTrue(refused.toString().contains("token 4"), refused.toString());
      var nothing = new KvOutcome(End.COMPLETED, TokenMask.none(3), "");
      assertEquals(nothing, settled(rig.put(tokens(1, 3), 0)));
      assertEquals(nothing, settled(rig.get(tokens(1, 3), 0)));
      assertEquals(0, rig.used(0));
    }
  }

  /** FlexKV rejects a put that does not fit; here its beginning is kept. */
  @Test
  void case09BetterAPutThatDoesNotFitKeepsItsBeginning() {
    try (Rig rig = new Rig(2)) {
      KvOutcome partial = settled(rig.put(tokens(1, 16), 0));
      assertEquals(End.PARTIAL, partial.end());
      assertEquals(mask(0, 8, 16), partial.tokens());
      assertFalse(partial.reason().isEmpty());
      rig.getting(tokens(1, 16), 8, mask(0, 8, 16));
      rig.putting(tokens(2, 8), 0, mask(0, 8, 8));
      rig.putting(tokens(3, 8), 0, mask(0, 8, 8));
      rig.getting(tokens(2, 8), 8, TokenMask.none(8));
      rig.getting(tokens(3, 8), 8, mask(0, 8, 8));
    }
  }

  @Test
  void case10WriteThroughIsNotWaitedForAndBringsEvictedBlocksBack() {
    var disk = new HeldTier(Rig.disk(16));
    try (Rig rig = new Rig(4, THROUGH, disk)) {
      int[] first = tokens(1, 16);
      KvTask put = rig.put(first, 0);
      assertEquals(mask(0, 16, 16), settled(put).tokens());
      assertFalse(put.finished().toCompletableFuture().isDone(), "the disk is held");
      releaseUntilFinished(disk, put);
      assertEquals(mask(0, 16, 16), Rig.await(put.finished()).tokens());
      assertEquals(4, rig.used(1));
      releaseUntilFinished(disk, rig.put(tokens(2, 16), 4));
      KvMatch match = rig.cache.match(KvRequest.of(first));
      assertEquals(16, match.tokensAt("disk"));
      assertEquals(mask(0, 16, 16), match.tokens());
      rig.blank();
      KvTask get = rig.cache.launch(match, rig.pool, slots(8, 16));
      releaseUntilFinished(disk, get);
      assertEquals(mask(0, 16, 16), settled(get).tokens());
      rig.assertHolds(first, 0, 4, 8);
    }
  }

  private static void releaseUntilFinished(HeldTier disk, KvTask task) {
    while (!task.finished().toCompletableFuture().isDone()) {
      disk.releaseAll();
      Thread.onSpinWait();
    }
  }

  /** FlexKV rejects the whole put when the SSD is too small; here host memory keeps it. */
  @Test
  void case11BetterASmallDiskDoesNotKeepHostMemoryFromStoring() {
    try (Rig rig = new Rig(8, THROUGH, Rig.disk(2))) {
      KvTask put = rig.put(tokens(1, 16), 0);
      assertEquals(new KvOutcome(End.COMPLETED, mask(0, 16, 16), ""), settled(put));
      KvOutcome copies = Rig.await(put.finished());
      assertTrue(copies.tokens().count() <= 8, "the disk holds two blocks: " + copies);
      rig.getting(tokens(1, 16), 8, mask(0, 16, 16));
      rig.putting(tokens(2, 8), 0, mask(0, 8, 8));
      rig.getting(tokens(2, 8), 8, mask(0, 8, 8));
    }
  }

  /** FlexKV fails an assertion; here the hole is named. */
  @Test
  void case12BetterAHoleInAMaskIsNamed() {
    boolean[] holed = {true, true, true, true, true, false, true, true};
    var request = KvRequest.of(tokens(1, 8));
    var refused = assertThrows(IllegalArgumentException.class, () -> request.masked(holed));
    assertTrue(refused.toString().contains("token 5"), refused.toString());
  }

  @Test
  void case27TasksAnswerOnce() throws InterruptedException {
    var disk = new HeldTier(Rig.disk(16));
    try (Rig rig = new Rig(4, THROUGH, disk)) {
      releaseUntilFinished(disk, rig.put(tokens(1, 16), 0));
      releaseUntilFinished(disk, rig.put(tokens(2, 16), 0));
      rig.cache.poll();
      KvMatch match = rig.cache.match(KvRequest.of(tokens(1, 16)));
      assertEquals(State.UNREADY, awaited(rig, LONG, match.id()).state());
      assertEquals(State.NOT_FOUND, awaited(rig, LONG, 987_654).state());
      KvTask task = rig.cache.launch(match, rig.pool, slots(0, 16));
      assertEquals(match.id(), task.id());
      assertEquals(State.RUNNING, awaited(rig, SOON, task.id()).state(), "timeout");
      releaseUntilFinished(disk, task);
      KvStatus ended = awaited(rig, LONG, task.id());
      assertEquals(State.COMPLETED, ended.state());
      assertEquals(mask(0, 16, 16), ended.tokens());
      assertEquals(State.NOT_FOUND, awaited(rig, LONG, task.id()).state(), "told before");
      assertEquals(List.of(), rig.cache.poll(), "told before");
      KvTask empty = rig.get(tokens(9, 16), 8);
      KvStatus nothing = awaited(rig, LONG, empty.id());
      assertEquals(State.COMPLETED, nothing.state());
      assertEquals(TokenMask.none(16), nothing.tokens());
    }
  }

  private static KvStatus awaited(Rig rig, Duration timeout, long id) throws InterruptedException {
    return rig.cache.await(timeout, id).getFirst();
  }

  @Test
  void case28AbandonedPlansGiveEverythingBack() {
    try (Rig rig = new Rig(8, THROUGH, Rig.disk(8))) {
      Rig.await(rig.put(tokens(1, 16), 0).finished());
      KvDraft draft = rig.cache.draft(KvRequest.of(tokens(2, 16)));
      KvMatch match = rig.cache.match(KvRequest.of(tokens(1, 16)));
      assertEquals(8, rig.used(0));
      Rig.await(rig.cache.cancel(draft.id(), match.id()));
      assertEquals(4, rig.used(0));
      assertEquals(4, rig.used(1));
      assertEquals(State.NOT_FOUND, rig.cache.status(draft.id()).getFirst().state());
      rig.getting(tokens(2, 16), 8, TokenMask.none(16));
      Rig.await(rig.put(tokens(3, 32), 0).finished());
      assertEquals(8, rig.used(0), "the match pins nothing any more");
    }
  }

  @Test
  void case28CancellingWhatHasCompletedChangesNothing() {
    try (Rig rig = new Rig(8)) {
      KvTask put = rig.put(tokens(1, 16), 0);
      KvOutcome end = settled(put);
      assertEquals(end, Rig.await(put.cancel()));
      Rig.await(rig.cache.cancel(put.id()));
      assertEquals(4, rig.used(0));
      rig.getting(tokens(1, 16), 8, mask(0, 16, 16));
    }
  }

  /** FlexKV does not stop what runs; here it is stopped, and the memory is fenced. */
  @Test
  void case28BetterARunningFetchIsCancelledAndFenced() {
    var disk = new HeldTier(Rig.disk(16));
    try (Rig rig = new Rig(4, THROUGH, disk)) {
      releaseUntilFinished(disk, rig.put(tokens(1, 16), 0));
      releaseUntilFinished(disk, rig.put(tokens(2, 16), 0));
      rig.blank();
      KvTask get = rig.get(tokens(1, 16), 8);
      assertEquals(mask(0, 16, 16), get.tokens());
      KvOutcome end = Rig.await(get.cancel());
      assertEquals(End.CANCELLED, end.end());
      disk.releaseAll();
      releaseUntilFinished(disk, get);
      rig.assertBlank();
    }
  }

  /** FlexKV reports the whole put as failed; here it is told apart what failed. */
  @Test
  void case29AFailedCopyOnDiskLeavesHostMemoryUsable() {
    var plan = FaultPlan.random(new Random(3), 1, Misdeed.FAIL).only(Direction.STORE);
    try (Rig rig = new Rig(8, THROUGH, new FaultyTier(Rig.disk(16), plan, new Random(4)))) {
      KvTask put = rig.put(tokens(1, 16), 0);
      assertEquals(new KvOutcome(End.COMPLETED, mask(0, 16, 16), ""), settled(put));
      KvOutcome copies = Rig.await(put.finished());
      assertEquals(TokenMask.none(16), copies.tokens());
      assertFalse(copies.reason().isEmpty(), "somebody has to look at the disk");
      rig.getting(tokens(1, 16), 8, mask(0, 16, 16));
      assertEquals(0, rig.used(1), "slots of the disk are free again");
    }
  }

  @Test
  void batchesMergeAndMixedOnesToo() {
    try (Rig rig = new Rig(16)) {
      settled(rig.put(tokens(1, 8), 0));
      settled(rig.put(tokens(2, 8), 2));
      rig.write(tokens(3, 8), 20);
      var launches = List.of(
          new io.pagoda.KvLaunch(rig.cache.match(KvRequest.of(tokens(1, 8))), slots(8, 8)),
          new io.pagoda.KvLaunch(rig.cache.draft(KvRequest.of(tokens(3, 8))), slots(20, 8)),
          new io.pagoda.KvLaunch(
              rig.cache.match(KvRequest.of(tokens(2, 8))), SlotMapping.ofBlocks(11, 10)),
          new io.pagoda.KvLaunch(rig.cache.match(KvRequest.of(tokens(7, 8))), slots(0, 0)));
      List<KvTask> tasks = rig.cache.launch(rig.pool, launches);
      assertEquals(
          List.of(8, 8, 8, 0), tasks.stream().map(t -> settled(t).tokens().count()).toList());
      rig.assertHolds(tokens(1, 8), 0, 2, 8);
      rig.assertHolds(tokens(2, 8), 0, 1, 11);
      rig.assertHolds(tokens(2, 8), 1, 2, 10);
      rig.getting(tokens(3, 8), 24, mask(0, 8, 8));
    }
  }
}
