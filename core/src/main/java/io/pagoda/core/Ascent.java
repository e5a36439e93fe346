package io.pagoda.core;

import io.pagoda.JobOptions;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Priority;
import io.pagoda.core.run.Task;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.space.Space;
import java.time.Duration;

/*
 * Nobody waits here. Who asks for a block that is below the hub is told to ask again soon, and has
 * it brought up by that, as by a prefetch.
 */
/**
 * Brings blocks up into the hub that peers ask for. Only those of this machine's own tiers are, of
 * which a fetch would leave them in the hub, too: what other machines have is theirs to lend.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Ascent {
  private final Conductor conductor;
  private final Ledger ledger;
  private final Tasks tasks;
  private int rising;

  Ascent(Conductor conductor, Ledger ledger, Tasks tasks) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.tasks = tasks;
  }

  /** {@return whether a block is below the hub, where it can be brought up from} */
  boolean finds(int entry) {
    BlockIndex index = ledger.index;
    if (entry == BlockIndex.NONE
        || index.slot(entry, Space.HUB) != BlockIndex.NONE
        || !index.ready(entry)) {
      return false;
    }
    int tier = index.hottest(entry);
    return !ledger.shared().has(tier) && ledger.promotes(tier);
  }

  /** {@return whether a block is on its way into the hub, from wherever} */
  boolean comes(int entry) {
    return entry != BlockIndex.NONE
        && ledger.index.slot(entry, Space.HUB) != BlockIndex.NONE
        && !ledger.index.ready(entry, Space.HUB);
  }

  /** {@return how many blocks are being brought up for peers} */
  int rising() {
    return rising;
  }

  /** Begins to bring blocks up that {@link #finds} has found; what is not there in time is left. */
  void bring(int[] entries, Duration within) {
    for (int entry : entries) {
      ledger.index.pin(entry);
    }
    rising += entries.length;
    Task task = tasks.task(
        Priority.PREFETCH, null, new int[0], entries.length, JobOptions.DEFAULT.within(within));
    var _ =
        task.settled().whenComplete((_, _) -> conductor.execute(() -> rising -= entries.length));
    tasks.prefetch(task, entries);
  }

  /** Pins were taken back. */
  void roomMade() {
    tasks.roomMade();
  }
}
