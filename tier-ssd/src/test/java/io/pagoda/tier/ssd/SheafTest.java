package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What has been written waits for more of its kind, but not for long and never for nothing. */
class SheafTest {
  private final List<Runnable> timers = new ArrayList<>();
  private final List<List<Transfer>> groups = new ArrayList<>();
  private final Sheaf sheaf = new Sheaf(new Timers(), groups::add);

  private Transfer end() {
    try (var memory = new HostMemory(Rig.BLOCK, 0)) {
      BlockBatch batch = memory.batch();
      var store = new Transfer(batch, true, (BatchResult _) -> {});
      sheaf.ended();
      sheaf.add(store);
      return store;
    }
  }

  private void start(int operations) {
    for (int i = 0; i < operations; i++) {
      sheaf.started();
    }
  }

  @Test
  void oneAmongFewIsHandedOnAtOnce() {
    start(Sheaf.PART);
    Transfer only = end();
    assertEquals(List.of(List.of(only)), groups);
    assertEquals(0, timers.size());
  }

  @Test
  void amongManySomeAreHandedOnTogetherAndInOrder() {
    start(4 * Sheaf.PART);
    List<Transfer> ended = List.of(end(), end(), end(), end());
    assertEquals(List.of(ended), groups);
    List<Transfer> next = List.of(end(), end(), end(), end());
    assertEquals(List.of(ended, next), groups);
  }

  @Test
  void theLastIsNotHeldBack() {
    start(3 * Sheaf.PART);
    int handedOn = 0;
    for (int i = 0; i < 3 * Sheaf.PART; i++) {
      end();
    }
    for (List<Transfer> group : groups) {
      handedOn += group.size();
    }
    assertEquals(3 * Sheaf.PART, handedOn);
  }

  @Test
  void whatWaitsIsHandedOnWhenNothingElseEndsForLong() {
    start(100 * Sheaf.PART);
    List<Transfer> held = List.of(end(), end());
    assertEquals(List.of(), groups);
    assertEquals(1, timers.size(), "one timer is enough");
    timers.removeFirst().run();
    assertEquals(List.of(held), groups);
    Transfer later = end();
    timers.removeFirst().run();
    assertEquals(List.of(held, List.of(later)), groups);
  }

  /** A port whose timers go off when the test says so. */
  private final class Timers implements IoPort {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void executeAfter(Runnable task, long nanos) {
      assertEquals(Sheaf.LONGEST_NANOS, nanos);
      timers.add(task);
    }

    @Override
    public void submit(Op op, int bytes) {
      throw new AssertionError("nothing is moved");
    }

    @Override
    public void cancel(Op op) {
      throw new AssertionError("nothing is moved");
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
