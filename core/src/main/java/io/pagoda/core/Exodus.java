package io.pagoda.core;

import io.pagoda.JobOptions;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Health;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Priority;
import io.pagoda.core.run.Task;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.space.Space;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/*
 * A few at a time, as a prefetch brings them: what has come into the hub is forgotten here, so that
 * it goes down to the next tier when the hub needs its slot. What finds no room stays.
 */
/**
 * Brings the blocks up of a tier that is to leave, and that are nowhere else.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Exodus {
  private static final int MOST_AT_ONCE = 64;

  /** The part of the hub that is used for it. */
  private static final int SHARE = 4;

  /** How many slots are looked at before others get their turn. */
  private static final int LOOK = 1 << 12;

  private final Conductor conductor;
  private final Ledger ledger;
  private final Tasks tasks;
  private final Health health;
  private final int tier;
  private final BooleanSupplier idle;
  private final Consumer<Drained> done;
  private final int[] lonely;
  private int slot;

  /** How many blocks have come up since the first slot was looked at, and how many have not. */
  private int moved;

  private int left;

  /** How many have moved since the beginning. */
  private int all;

  /**
   * Brings nothing yet.
   *
   * @param tier which drains
   * @param idle asked whether nothing may begin now: blocks are dropped, or the store closes
   * @param done told, when the conductor has been left, what became of it
   */
  Exodus(
      Conductor conductor, Ledger ledger, Tasks tasks, Health health, int tier,
      BooleanSupplier idle, Consumer<Drained> done) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.tasks = tasks;
    this.health = health;
    this.tier = tier;
    this.idle = idle;
    this.done = done;
    this.lonely = new int[Math.clamp(ledger.space.slots(Space.HUB) / SHARE, 1, MOST_AT_ONCE)];
  }

  void go() {
    int slots = ledger.space.slots(tier);
    if (slot == slots && left > 0 && moved > 0) {
      slot = 0; // what had no room may have some now
      moved = 0;
      left = 0;
    }
    boolean cut = !health.drains(tier) || idle.getAsBoolean();
    if (slot == slots || cut) {
      var drained = new Drained(all, ledger.space.occupied(tier), !cut);
      conductor.announce(() -> done.accept(drained));
    } else {
      goOn(Math.min(slots, slot + LOOK));
    }
  }

  private void goOn(int end) {
    int count = 0;
    for (; slot < end && count < lonely.length; slot++) {
      int entry = ledger.space.block(tier, slot);
      if (entry != BlockIndex.NONE && !leave(entry)) {
        lonely[count++] = entry;
      }
    }
    if (count > 0) {
      bring(Arrays.copyOf(lonely, count));
    } else {
      conductor.execute(this::go);
    }
  }

  /** Forgets a block here that is elsewhere and not in use; returns whether it is elsewhere. */
  private boolean leave(int entry) {
    for (int other = 0; other < health.tiers(); other++) {
      if (other != tier && ledger.index.ready(entry, other)) {
        boolean used = ledger.index.pinned(entry);
        if (!used) {
          health.durables().keeping(tier, () -> ledger.leave(entry, tier));
        }
        moved += used ? 0 : 1;
        all += used ? 0 : 1;
        left += used ? 1 : 0;
        return true;
      }
    }
    return false;
  }

  private void bring(int[] entries) {
    for (int entry : entries) {
      ledger.index.pin(entry); // the prefetch's
      ledger.index.pin(entry);
    }
    Task task = tasks.task(Priority.PREFETCH, null, new int[0], entries.length, JobOptions.DEFAULT);
    var _ = task.settled().whenComplete((_, _) -> conductor.execute(() -> brought(entries)));
    tasks.prefetch(task, entries);
  }

  private void brought(int[] entries) {
    for (int entry : entries) {
      boolean there = ledger.index.ready(entry, Space.HUB) && ledger.index.ready(entry, tier);
      ledger.unpin(new int[] {entry});
      if (there) {
        leave(entry);
      } else {
        left++;
      }
    }
    go();
  }
}
