package io.pagoda.core.run;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blocks of colder tiers, one at a time and over and over, to see whether they are still
 * as they were stored. It waits while anybody else uses the tier.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 *
 * <p><b>Memory.</b> One block of its own, from the first read on. It is given back by the garbage
 * collector: a tier that hangs may write to it when all else is closed.
 */
public final class Scrub {
  /** How many slots are looked at for one that has a block, before others get their turn. */
  private static final int LOOK = 1 << 12;

  private final Conductor conductor;
  private final TierGraph graph;
  private final Ledger ledger;
  private final Health health;
  private final Workshop workshop;
  private final Lanes lanes;
  private final long interval;
  private final long[] scrubbed;
  private int tier = Space.HUB + 1;
  private int slot;
  private long begun;
  private boolean closed;
  private @Nullable MemorySegment memory;
  private @Nullable Reading reading;
  private Runnable quiet = () -> {};

  /** A block that is being read. */
  private record Reading(long number, int entry, int tier, BlockBatch batch, int[] checksums) {}

  /**
   * Begins, if it is asked for.
   *
   * @param conductor whose tasks it runs
   * @param graph the tiers
   * @param ledger what is where
   * @param health how tiers are
   * @param workshop who verifies, and when
   * @param lanes the ways to the tiers
   */
  public Scrub(
      Conductor conductor, TierGraph graph, Ledger ledger, Health health, Workshop workshop,
      Lanes lanes) {
    this.conductor = conductor;
    this.graph = graph;
    this.ledger = ledger;
    this.health = health;
    this.workshop = workshop;
    this.lanes = lanes;
    this.scrubbed = new long[graph.tiers().size()];
    long rate = health.care.scrub();
    this.interval = rate == 0 ? 0 : Math.max(1, (long) (1e9 * graph.blockBytes() / rate));
    if (rate > 0 && scrubbed.length > 1) {
      next();
    }
  }

  /** {@return how many blocks of a tier were read} */
  public long scrubbed(int number) {
    return scrubbed[number];
  }

  /** Ends it: nothing more is read. */
  public void close() {
    closed = true;
  }

  /** Calls back when nothing is being read. */
  public void whenQuiet(Runnable callback) {
    if (reading == null) {
      callback.run();
    } else {
      Runnable before = quiet;
      quiet = () -> {
        before.run();
        callback.run();
      };
    }
  }

  private void next() {
    workshop.wakeAt(workshop.nanoTime() + interval, () -> conductor.execute(this::turn));
  }

  private void turn() {
    if (closed) {
      return;
    }
    int entry = reading == null ? find() : BlockIndex.NONE;
    if (entry != BlockIndex.NONE && lanes.borrow(tier)) {
      begin(entry);
      slot++;
    }
    next();
  }

  /** {@return the next block, whose slot is the next; or -1 if there is none near} */
  private int find() {
    for (int looked = 0; looked < LOOK; looked++) {
      boolean others = ledger.shared().has(tier); // whose blocks they are, and who pays for reads
      if (others || slot >= ledger.space.slots(tier) || health.retired(tier)) {
        slot = 0;
        tier = tier + 1 < scrubbed.length ? tier + 1 : Space.HUB + 1;
        continue;
      }
      int entry = ledger.space.block(tier, slot);
      if (entry != BlockIndex.NONE) {
        return entry;
      }
      slot++;
    }
    return BlockIndex.NONE;
  }

  private void begin(int entry) {
    BlockIndex index = ledger.index;
    index.pin(entry);
    int[] checksums = new int[index.sections()];
    for (int s = 0; s < checksums.length; s++) {
      checksums[s] = index.checksum(entry, s);
    }
    BlockBatch batch = BlockBatch.of(
        memory(), new long[1], new int[] {slot}, new long[] {index.high(entry), index.low(entry)},
        graph.blockBytes());
    var next = new Reading(begun++, entry, tier, batch, checksums);
    reading = next;
    workshop.wakeAt(
        workshop.nanoTime() + health.care.timeout().toNanos(),
        () -> conductor.execute(() -> hangs(next)));
    conductor.afterwards(() -> read(next));
  }

  private MemorySegment memory() {
    MemorySegment known = memory;
    if (known == null) {
      int alignment = 1;
      for (TierNode node : graph.tiers()) {
        alignment = Math.max(alignment, node.tier().spec().alignment());
      }
      known = Arena.ofAuto().allocate(graph.blockBytes(), alignment);
      memory = known;
    }
    return known;
  }

  private void read(Reading begun) {
    var completed = new AtomicBoolean();
    Completion completion = result -> {
      if (completed.compareAndSet(false, true)) {
        workshop.copies().execute(() -> verify(begun, result));
      }
    };
    try {
      graph.tiers().get(begun.tier).tier().load(begun.batch, completion);
    } catch (RuntimeException | Error e) {
      completion.complete(failed("it refused to read: " + e));
    }
  }

  private void verify(Reading begun, @Nullable BatchResult told) {
    BatchResult result = told == null ? failed("it told nothing") : told;
    boolean right = true;
    Sections sections = graph.sections();
    for (int s = 0; result.moved(0) && s < sections.count(); s++) {
      right &= workshop.checksums().verify(begun.batch, 0, sections.get(s), begun.checksums[s]);
    }
    boolean wrong = !right;
    conductor.execute(() -> ended(begun, result, wrong));
  }

  private static BatchResult failed(String why) {
    return new BatchResult.Failed(new PagodaException(Fault.PERMANENT, why));
  }

  private void ended(Reading begun, BatchResult result, boolean wrong) {
    boolean awaited = awaits(begun);
    if (awaited) {
      scrubbed[begun.tier]++;
      over(begun);
      health.judge(begun.tier, result);
    }
    if (wrong || !result.moved(0)) {
      ledger.foundSpoilt(begun.entry, begun.tier, wrong ? null : result);
    }
    ledger.unpin(new int[] {begun.entry});
  }

  private boolean awaits(Reading begun) {
    return reading != null && reading.number == begun.number;
  }

  private void over(Reading begun) {
    reading = null;
    lanes.giveBack(begun.tier);
    Runnable callback = quiet;
    quiet = () -> {};
    callback.run();
  }

  private void hangs(Reading begun) {
    if (awaits(begun)) {
      memory = null; // it stays the tier's
      health.retire(
          begun.tier, "reading a block was not answered within %s: the device hangs"
              .formatted(health.care.timeout()));
      over(begun);
    }
  }
}
