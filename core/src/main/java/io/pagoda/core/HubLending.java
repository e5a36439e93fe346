package io.pagoda.core;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.peer.Lender;
import io.pagoda.core.peer.Loan;
import io.pagoda.core.run.Checksums;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/*
 * A block that never left host memory has no checksum yet. It is computed when the block is lent
 * first, by the thread that asks, while the loan's pin keeps the block where and as it is.
 */
/**
 * Lends blocks of the hub to other stores. A loan is a pin: what is lent does not move.
 *
 * <p><b>Threads.</b> The state belongs to the conductor; {@link Lender}'s methods are called from
 * any thread and wait for it.
 */
final class HubLending implements Lender {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  private final Conductor conductor;
  private final Ledger ledger;
  private final TierGraph graph;
  private final Checksums checksums;
  private final Ascent ascent;
  private final BooleanSupplier idle;
  private final Set<Lent> loans = new LinkedHashSet<>();
  private final Map<BlockKey, Integer> spoilt = new HashMap<>();
  private final List<Runnable> whenNone = new ArrayList<>();
  private int most;
  private int lent;
  private long total;

  /** A loan, before its checksums are known. */
  private static final class Lent {
    final byte[] states;
    final int[] entries;
    final int[] slots;
    final int[] sums;
    final boolean[] sealed;
    final Runnable recall;
    final boolean counts;

    Lent(byte[] states, int[] entries, int sections, Runnable recall, boolean counts) {
      this.states = states;
      this.entries = entries;
      this.slots = new int[entries.length];
      this.sums = new int[Math.multiplyExact(entries.length, sections)];
      this.sealed = new boolean[entries.length];
      this.recall = recall;
      this.counts = counts;
    }
  }

  /**
   * Lends nothing until {@link #upTo} is called.
   *
   * @param conductor whose tasks pin
   * @param ledger what is where
   * @param graph whose hub it is
   * @param checksums how blocks are sealed
   * @param ascent brings up what is below the hub
   * @param idle asked by tasks whether nothing may be lent now
   */
  HubLending(
      Conductor conductor, Ledger ledger, TierGraph graph, Checksums checksums, Ascent ascent,
      BooleanSupplier idle) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.graph = graph;
    this.checksums = checksums;
    this.ascent = ascent;
    this.idle = idle;
  }

  /** Lends up to a share of the hub's slots at once, one at least. */
  HubLending upTo(double share) {
    int slots = graph.hub().tier().spec().slots();
    conductor.execute(() -> most = Math.max(1, (int) (share * slots)));
    return this;
  }

  /** {@return how many blocks were lent in all; told to tasks} */
  long total() {
    return total;
  }

  @Override
  public MemorySegment memory() {
    return graph.hubMemory().memory();
  }

  @Override
  public int held(BlockKeys keys) {
    return conductor.call(() -> {
      dropSpoilt();
      int count = 0;
      while (count < keys.size() && isHeld(keys, count)) {
        count++;
      }
      return count;
    });
  }

  /** {@return whether a block is in the hub, or soon would be if it were asked for} */
  private boolean isHeld(BlockKeys keys, int index) {
    int entry = known(keys, index);
    return lendable(keys, index, entry) || ascent.comes(entry) || ascent.finds(entry);
  }

  private int known(BlockKeys keys, int index) {
    return idle.getAsBoolean()
        ? BlockIndex.NONE
        : ledger.index.find(keys.high(index), keys.low(index));
  }

  /** {@return the entry of a block that is in the hub, or NONE} */
  private int entry(BlockKeys keys, int index) {
    int entry = known(keys, index);
    return lendable(keys, index, entry) ? entry : BlockIndex.NONE;
  }

  private boolean lendable(BlockKeys keys, int index, int entry) {
    return entry != BlockIndex.NONE
        && ledger.index.ready(entry, Space.HUB)
        && !isSpoilt(keys, index, entry);
  }

  private boolean isSpoilt(BlockKeys keys, int index, int entry) {
    Integer slot = spoilt.isEmpty() ? null : spoilt.get(keys.key(index));
    return slot != null && isSpoilt(entry, slot);
  }

  @Override
  public int lent() {
    return conductor.call(() -> lent);
  }

  @Override
  public BlockKeys some(int most) {
    return conductor.call(() -> {
      dropSpoilt();
      int slots = idle.getAsBoolean() ? 0 : ledger.space.slots(Space.HUB);
      long[] words = new long[2 * Math.min(most, slots)];
      int count = 0;
      for (int slot = 0; slot < slots && 2 * count < words.length; slot++) {
        int entry = ledger.space.block(Space.HUB, slot);
        if (entry != Space.NONE && isLendable(entry)) {
          words[2 * count] = ledger.index.high(entry);
          words[2 * count++ + 1] = ledger.index.low(entry);
        }
      }
      return BlockKeys.ofWords(Arrays.copyOf(words, 2 * count));
    });
  }

  private boolean isLendable(int entry) {
    var key = new BlockKey(ledger.index.high(entry), ledger.index.low(entry));
    Integer wrong = spoilt.get(key);
    return ledger.index.ready(entry, Space.HUB) && (wrong == null || !isSpoilt(entry, wrong));
  }

  @Override
  public Loan lend(BlockKeys keys, Duration patience, Runnable recall) {
    Lent loan = conductor.call(() -> pinned(keys, patience, recall));
    try {
      seal(loan);
      long[] offsets = new long[loan.slots.length];
      Arrays.setAll(offsets, i -> graph.hubMemory().offset(loan.slots[i]));
      return new Loan(loan.states, offsets, loan.sums, () -> release(loan));
    } catch (RuntimeException | Error e) {
      release(loan);
      throw e;
    }
  }

  private Lent pinned(BlockKeys keys, Duration patience, Runnable recall) {
    dropSpoilt();
    byte[] states = new byte[keys.size()];
    int[] entries = new int[keys.size()];
    int count = 0;
    for (int i = 0; i < states.length; i++) {
      int entry = entry(keys, i);
      boolean room = lent + count < most;
      states[i] = entry == BlockIndex.NONE
          ? isHeld(keys, i) ? Loan.BUSY : Loan.ABSENT
          : room ? Loan.LENT : Loan.BUSY;
      if (states[i] == Loan.LENT) {
        entries[count++] = entry;
      }
    }
    bringUp(keys, most - lent - count, patience);
    var loan =
        new Lent(states, Arrays.copyOf(entries, count), ledger.index.sections(), recall, true);
    lent += count;
    total += count;
    loans.add(loan);
    for (int i = count - 1; i >= 0; i--) {
      pin(loan, i);
    }
    return loan;
  }

  /** Has blocks brought up that are below the hub, {@code room} with those on their way. */
  private void bringUp(BlockKeys keys, int room, Duration patience) {
    int[] below = IntStream.range(0, keys.size())
        .map(i -> known(keys, i))
        .filter(ascent::finds)
        .limit(Math.max(0, room - ascent.rising()))
        .toArray();
    if (below.length > 0) {
      ascent.bring(below, patience);
    }
  }

  private void pin(Lent loan, int i) {
    BlockIndex index = ledger.index;
    int entry = loan.entries[i];
    index.pin(entry);
    ledger.space.refresh(entry);
    loan.slots[i] = index.slot(entry, Space.HUB);
    loan.sealed[i] = index.sealed(entry);
    for (int s = 0; loan.sealed[i] && s < index.sections(); s++) {
      loan.sums[i * index.sections() + s] = index.checksum(entry, s);
    }
  }

  /** Computes the checksums that are not known yet. */
  private void seal(Lent loan) {
    boolean all = true;
    for (int i = 0; i < loan.entries.length; i++) {
      if (!loan.sealed[i]) {
        compute(loan.slots[i], loan.sums, i * graph.sections().count());
        all = false;
      }
    }
    if (!all) {
      conductor.execute(() -> sealed(loan));
    }
  }

  private void compute(int slot, int[] sums, int from) {
    Sections sections = graph.sections();
    BlockBatch batch = BlockBatch.withoutKeys(
        memory(), new long[] {graph.hubMemory().offset(slot)}, new int[1], graph.blockBytes());
    for (int s = 0; s < sections.count(); s++) {
      sums[from + s] = checksums.of(batch, 0, sections.get(s));
    }
  }

  private void sealed(Lent loan) {
    int sections = graph.sections().count();
    for (int i = 0; i < loan.entries.length && loans.contains(loan); i++) {
      if (!ledger.index.sealed(loan.entries[i])) {
        ledger.index.seal(loan.entries[i], loan.sums, i * sections);
      }
    }
  }

  /** Ends a loan, on a thread of its own: whoever calls has others to tell. */
  private void release(Lent loan) {
    Thread.ofVirtual().name("pagoda-loan-ends").start(() -> conductor.execute(() -> end(loan)));
  }

  private void end(Lent loan) {
    if (loans.remove(loan)) {
      lent -= loan.counts ? loan.entries.length : 0;
      ledger.unpin(loan.entries);
      dropSpoilt();
      ascent.roomMade();
      if (loans.isEmpty()) {
        whenNone.forEach(conductor::announce);
        whenNone.clear();
      }
    }
  }

  /** Has all loans closed, and calls back when there is none. Called by tasks only. */
  void recall(Runnable none) {
    if (loans.isEmpty()) {
      none.run();
      return;
    }
    whenNone.add(() -> conductor.execute(none));
    List.copyOf(loans).forEach(loan -> conductor.afterwards(loan.recall));
  }

  /**
   * Looks at one block after the other, so that no more than one is pinned for it. What is wrong
   * waits, and is not lent, until nobody has it pinned; then it is dropped, and its slot not used
   * again.
   */
  @Override
  public void doubt(BlockKeys keys) {
    for (int i = 0; i < keys.size(); i++) {
      BlockKeys key = keys.range(i, i + 1);
      Lent block = conductor.call(() -> looked(key));
      if (block.entries.length == 0) {
        continue;
      }
      int[] now = new int[block.sums.length];
      compute(block.slots[0], now, 0);
      conductor.execute(() -> judged(block, key.key(0), now));
    }
  }

  private Lent looked(BlockKeys key) {
    int entry = entry(key, 0);
    boolean sealed = entry != BlockIndex.NONE && ledger.index.sealed(entry);
    int[] entries = sealed ? new int[] {entry} : new int[0];
    var look = new Lent(new byte[1], entries, ledger.index.sections(), () -> {}, false);
    if (sealed) {
      loans.add(look);
      pin(look, 0);
    }
    return look;
  }

  private void judged(Lent block, BlockKey key, int[] now) {
    if (!Arrays.equals(now, block.sums)) {
      spoilt.put(key, block.slots[0]);
    }
    end(block);
    dropSpoilt();
  }

  /** Drops what is wrong and not pinned; what has left by itself is not known as wrong any more. */
  private void dropSpoilt() {
    spoilt.entrySet().removeIf(block -> !stays(block.getKey(), block.getValue()));
  }

  private boolean stays(BlockKey key, int slot) {
    BlockIndex index = ledger.index;
    int entry = index.find(key.high(), key.low());
    if (entry == BlockIndex.NONE || !isSpoilt(entry, slot)) {
      return false;
    }
    if (index.pinned(entry)) {
      return true;
    }
    LOG.log(
        System.Logger.Level.ERROR,
        "Block {0} has changed in host memory since it was sealed: it is dropped", key);
    ledger.foundSpoilt(entry, Space.HUB, null);
    ledger.unpin(new int[0]);
    return false;
  }

  private boolean isSpoilt(int entry, int slot) {
    return ledger.index.ready(entry, Space.HUB) && ledger.index.slot(entry, Space.HUB) == slot;
  }
}
