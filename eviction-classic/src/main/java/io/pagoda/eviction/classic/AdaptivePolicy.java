package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * No one order fits every tier. In a small one, recency throws out the few prompts that come back
 * for the many that never do, and what remembers the gone wins: LRU-K (O'Neil et al. 1993), ARC
 * (Megiddo, Modha 2003). In a large one everything comes back in time or never, and recency is
 * nearly best. Wang et al., "KVCache cache in the wild" (ATC 2025), found that the times until a
 * prefix is used again differ by the kind of request, follow a stable law within each, and are
 * worth learning; Beckmann et al., "LHD" (2018), that a cache needs to know no more than that law
 * to choose: it lets go where the fewest uses are to be had for the room and the time.
 *
 * This policy does that with kinds that it sees by itself. A block is of a class by
 *
 *   how often it was used, as far as anybody remembers: a conversation goes on, a prompt was one;
 *   how long ago it was used the time before: who came back soon comes back soon;
 *   whether it goes on where an earlier request ended: such a block, used once, is as good as the
 *     conversation that it is of. Where many go on differently, a shared prefix has ended, and what
 *     follows it is new;
 *   whether it is the last of its request: that block is seldom full, and then never used again;
 *   how long its request is, among the others.
 *
 * ReuseModel learns for each class when its blocks are used again, those that are gone too, of
 * which some are remembered. Blocks of a request share their fate, so a few speak for all: the last
 * of those of one class, and those at depths of powers of two. Only these are counted, and
 * remembered when they are gone. Who comes back with one of them has all blocks before it.
 *
 * Each state, a class and a span of time since the last use, is a line; the victim is the first
 * that may go of the line that is worth the least. Blocks grow old, and change lines, a whole line
 * at a time: see Epochs.
 *
 * A policy is told of blocks, not of requests. But a request reports its blocks in a row, so a row
 * is taken for a request: its blocks wait in a line of their own, the last to give way, until the
 * row has ended, and then are classed. A block of which somebody tells twice within few rows, as of
 * one fetched and then put, was used once.
 */
/**
 * Learns which blocks are used again, and when. 60 bytes per slot, and 17 for each block that is
 * remembered.
 */
final class AdaptivePolicy implements EvictionPolicy {
  private static final int SPANS = Epochs.SPANS;

  /** How many rows apart two reports may be that are of one use. */
  private static final int ROWS_OF_ONE_USE = 8;

  /** Beyond so many ways to go on it is not one conversation: one block may not have been full. */
  private static final int WAYS_OF_ONE = 2;

  private static final int LEARN_EVERY = 2048;
  private static final int FIRST_LEARNED = 1024;

  private final Epochs epochs;
  private final StateLines lines;
  private final Prefixes prefixes;
  private final Remembered gone;
  private final ReuseClasses classes;
  private final ReuseModel model = new ReuseModel(ReuseClasses.groups());
  private final Quantiles lengths = new Quantiles(ReuseClasses.LENGTHS);
  private final Row row;
  private final Known known;

  private final long[] identities;
  private final int[] lastRow;

  private final int learnEvery;
  private int now;
  private int learnAt = FIRST_LEARNED;
  private int named = NONE;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param remembered how many blocks that are gone are remembered
   */
  AdaptivePolicy(int slots, int remembered) {
    epochs = new Epochs(Math.clamp(slots >> 8, 1, 1 << 18));
    known = new Known(slots);
    lines = new StateLines(slots, ReuseClasses.COUNT, epochs, model);
    prefixes = new Prefixes(slots);
    gone = new Remembered(remembered);
    classes = new ReuseClasses(slots);
    row = new Row(slots);
    identities = new long[slots];
    lastRow = new int[slots];
    learnEvery = Math.max(LEARN_EVERY, slots >> 3);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    row.depth[slot] = depth;
    lastRow[slot] = row.number() - ROWS_OF_ONE_USE - 1;
    int found = gone.find(identity);
    if (found == Remembered.NONE) {
      known.came(slot);
    } else {
      recall(slot, found);
    }
    lines.add(slot, ReuseClasses.NOT_USED, 0);
  }

  private void recall(int slot, int found) {
    int note = gone.note(found);
    int epoch = gone.epoch(found);
    model.reused(lines.forgotten(note >>> Known.NOTE_BITS, epoch));
    known.recalled(slot, note, since(epochs.now() - epoch));
    gone.forget(found);
  }

  /** {@return the step of the time since an epoch} */
  private int since(int before) {
    return Quantiles.step(Math.max(1, epochs.length(before)));
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    tick();
    if (!row.goesOn(slot)) {
      endRow();
    }
    if (!known.is(slot, Known.WAITS)) {
      use(slot);
    }
    row.add(slot);
  }

  private void use(int slot) {
    boolean came = known.is(slot, Known.CAME);
    boolean again = !came
        && !known.is(slot, Known.TOLD_TWICE)
        && row.number() - lastRow[slot] <= ROWS_OF_ONE_USE;
    int age = lines.age(slot);
    int line = take(slot);
    if (known.is(slot, Known.SPEAKS)) {
      count(StateLines.state(line), again);
    }
    lastRow[slot] = row.number();
    if (again) {
      known.change(slot, Known.SPEAKS, Known.TOLD_TWICE | Known.WAITS);
      return;
    }
    known.use(slot);
    if (came && !known.is(slot, Known.RECALLED)) {
      known.mark(slot, Known.NEW);
    } else if (!came) {
      known.gap(slot, since(age));
    }
    known.change(
        slot, Known.CAME | Known.RECALLED | Known.SPEAKS | Known.TOLD_TWICE | Known.GOES_ON,
        Known.WAITS);
  }

  private int take(int slot) {
    return lines.remove(slot, known.is(slot, Known.SPEAKS) ? 1 : 0);
  }

  private void count(int state, boolean again) {
    if (!again) {
      model.reused(state);
    } else if (state % SPANS == 0) {
      model.reached(state, -1);
    }
  }

  /** A request has ended, as far as one can tell: what its blocks are is known. */
  private void endRow() {
    int length = row.length();
    if (length == 0) {
      return;
    }
    recognize();
    inherit();
    int step = Quantiles.step(length);
    lengths.add(step, length);
    place(length, lengths.of(step));
    row.end();
  }

  /** Whoever used a block that is known used those before it, whether they are known or not. */
  private void recognize() {
    int after = NONE;
    for (int i = row.size() - 1; i >= 0; i--) {
      int slot = row.fromTheFirst(i);
      if (!known.is(slot, Known.WAITS)) {
        continue;
      }
      if (!known.is(slot, Known.NEW)) {
        after = slot;
      } else if (after != NONE) {
        known.likeness(slot, after);
        known.branch(slot);
      }
    }
  }

  /** What goes on where an earlier request ended is what that has become. */
  private void inherit() {
    int before = row.before();
    for (int i = 0; i < row.size(); i++) {
      int slot = row.fromTheFirst(i);
      if (before != NONE && known.is(slot, Known.WAITS) && known.is(slot, Known.NEW)) {
        known.branch(before);
        if (known.branches(before) <= WAYS_OF_ONE) {
          known.likeness(slot, before);
          known.mark(slot, Known.GOES_ON);
        }
      }
      before = slot;
    }
  }

  private void place(int length, int lengthClass) {
    int after = NONE;
    for (int i = row.size() - 1; i >= 0; i--) {
      int slot = row.fromTheFirst(i);
      if (!known.is(slot, Known.WAITS)) {
        continue;
      }
      int depth = row.depth[slot];
      int of = classes.of(known, slot, depth == length - 1, lengthClass);
      boolean speaks = of != after || (depth & (depth + 1)) == 0;
      known.change(slot, Known.NEW | Known.WAITS, speaks ? Known.SPEAKS : 0);
      lines.add(slot, of, speaks ? 1 : 0);
      after = of;
    }
  }

  private void tick() {
    now++;
    if (epochs.endsAt(now)) {
      lines.age();
    }
    if (now - learnAt >= 0) {
      learnAt = now + Math.min(learnEvery, Math.abs(now));
      model.learn();
      lengths.learn();
      lines.reorder();
    }
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    if (!known.is(slot, Known.WAITS)) {
      int age = lines.age(slot);
      int line = take(slot);
      if (slot == named
          && known.is(slot, Known.SPEAKS)
          && gone.find(identities[slot]) == Remembered.NONE) {
        remember(slot, line, age);
      }
    }
    known.unmark(slot, Known.WAITS);
    named = NONE;
  }

  private void remember(int slot, int line, int age) {
    int at = gone.room(identities[slot], epochs.now());
    if (!gone.isFree(at)) {
      lines.forgotten(gone.note(at) >>> Known.NOTE_BITS, gone.epoch(at));
    }
    int note = known.note(slot) | (line / Epochs.ALL) << Known.NOTE_BITS;
    gone.put(at, identities[slot], epochs.now() - age, note);
    lines.goneFrom(line);
  }

  @Override
  public int coldest(Evictable evictable) {
    named = lines.coldest(prefixes, evictable);
    if (named == NONE) {
      endRow();
      named = lines.askAll(evictable);
    }
    return named;
  }
}
