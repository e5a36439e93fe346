package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Copies that are put in part by part, of which a part is refused. */
class InTurnTest {
  private static final int PARTS = 4;

  private final FakeQueue queue = new FakeQueue();
  private final List<String> log = new ArrayList<>();
  private final List<BatchResult> told = new ArrayList<>();
  private final InTurn turn = new InTurn(
      queue, Collections.nCopies(PARTS, _ -> new Load(CopyPath.PLAIN, true, 1, 1)), result -> {
        log.add("told");
        told.add(result);
      });

  /** Takes so many parts, and ends them when it is told to. */
  private final class FakeQueue implements InTurn.Queue {
    private final Deque<Completion> running = new ArrayDeque<>();
    private int room = Integer.MAX_VALUE;

    @Override
    public void submit(Stream.Work work, Completion completion) {
      if (room == 0) {
        throw new PagodaException(Fault.PERMANENT, "no room");
      }
      room--;
      running.add(completion);
    }

    @Override
    public boolean locked(BooleanSupplier something) {
      return something.getAsBoolean();
    }

    @Override
    public void forget(InTurn which) {
      assertEquals(turn, which);
      log.add("forgotten");
    }

    void endOne() {
      running.remove().complete(BatchResult.COMPLETE);
    }
  }

  @Test
  void whatIsAllInTheStreamMayBeRecordedBehind() {
    turn.begin();
    assertEquals(InTurn.AHEAD, queue.running.size());
    turn.flush();
    assertEquals(PARTS, queue.running.size());
    turn.checkWhole();
    for (int i = 0; i < PARTS; i++) {
      queue.endOne();
    }
    assertEquals(List.of(BatchResult.COMPLETE), told);
  }

  @Test
  void aPartThatIsRefusedWhenAllArePutInIsKnownBeforeItsEnd() {
    queue.room = InTurn.AHEAD;
    turn.begin();
    turn.checkWhole();
    turn.flush();
    var refused = assertThrows(PagodaException.class, turn::checkWhole);
    assertTrue(String.valueOf(refused.getMessage()).contains("no room"), refused.getMessage());
    assertEquals(List.of(), told, "what is in the stream runs");
    endsFailed();
  }

  @Test
  void aPartThatIsRefusedAfterAnEarlierOneIsKnownUntilItsEndWasTold() {
    queue.room = InTurn.AHEAD;
    turn.begin();
    queue.endOne();
    assertThrows(PagodaException.class, turn::checkWhole);
    assertEquals(List.of(), log);
    queue.endOne();
    assertEquals(List.of("told", "forgotten"), log, "in this order: somebody always knows");
    assertInstanceOf(BatchResult.Failed.class, told.getFirst());
  }

  private void endsFailed() {
    queue.endOne();
    queue.endOne();
    assertEquals(1, told.size());
    assertInstanceOf(BatchResult.Failed.class, told.getFirst());
  }
}
