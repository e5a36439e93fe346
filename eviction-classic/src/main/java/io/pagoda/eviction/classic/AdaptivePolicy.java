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
 * that may go of the line that is worth the least. Blocks of a request that are of one class stand
 * in it as one: see Stretches. They grow old, and change lines, a whole line at a time: see Epochs.
 *
 * A policy is told of blocks, not of requests. But a request reports its blocks in a row, so a row
 * is taken for a request: its blocks wait in a line of their own, the last to give way, until the
 * row has ended, and then are classed. A block of which somebody tells twice within few rows, as of
 * one fetched and then put, was used once.
 */
/**
 * Learns which blocks are used again, and when. 68 bytes per slot at most, and 17 for each block
 * that is remembered.
 */
final class AdaptivePolicy implements EvictionPolicy {
  private static final int SPANS = Epochs.SPANS;

  /** How many rows apart two reports may be that are of one use. */
  private static final int ROWS_OF_ONE_USE = 8;

  /** Beyond so many ways to go on it is not one conversation: one block may not have been full. */
  private static final int WAYS_OF_ONE = 2;

  private static final int LEARN_EVERY = 4096;
  private static final int FIRST_LEARNED = 1024;

  /** How many blocks may have come of which nobody has told yet, nor asked for room since. */
  private static final int ARRIVALS = 256;

  private final int[] cells;
  private final Stretches stretches;
  private final Epochs epochs;
  private final StateLines lines;
  private final Prefixes prefixes;
  private final Remembered remembered;
  private final Gone gone;
  private final ReuseClasses classes;
  private final ReuseModel model = new ReuseModel(ReuseClasses.groups());
  private final Quantiles lengths = new Quantiles(ReuseClasses.LENGTHS);
  private final Row row;

  private final int[] arrived = new int[ARRIVALS];
  private int arrivals;

  /** How many blocks of the row are of no stretch any more. */
  private int settled;

  /** Whether there is any in the row of which nothing was known. */
  private boolean anyNew;

  private final int learnEvery;
  private long now;
  private long learnAt = FIRST_LEARNED;
  private int named = NONE;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param most how many blocks that are gone are remembered
   */
  AdaptivePolicy(int slots, int most) {
    cells = Cell.ofAll(slots);
    epochs = new Epochs(Math.clamp(slots >> 6, 1, 1 << 18));
    stretches = new Stretches(cells);
    lines = new StateLines(stretches, ReuseClasses.COUNT, epochs, model);
    prefixes = new Prefixes(cells, Cell.SHIFT, Cell.PREDECESSOR);
    remembered = new Remembered(most);
    gone = new Gone(remembered, lines, epochs);
    classes = new ReuseClasses(slots);
    row = new Row(cells);
    learnEvery = Math.max(LEARN_EVERY, slots >> 3);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    Cell.identity(cells, slot, identity);
    int at = slot << Cell.SHIFT;
    cells[at + Cell.KNOWN] = Known.came();
    cells[at + Cell.DEPTH] = depth;
    if (arrivals == ARRIVALS) {
      line();
    }
    arrived[arrivals++] = slot;
  }

  private int known(int slot) {
    return cells[(slot << Cell.SHIFT) + Cell.KNOWN];
  }

  private void know(int slot, int word) {
    cells[(slot << Cell.SHIFT) + Cell.KNOWN] = word;
  }

  /** Puts blocks in a line that have come, and of which nobody has told. */
  private void line() {
    for (int i = 0; i < arrivals; i++) {
      int slot = arrived[i];
      if (Known.is(known(slot), Known.CAME) && stretches.of(slot) == NONE) {
        int stretch = stretches.begin(0);
        stretches.add(stretch, slot);
        lines.add(stretch, ReuseClasses.NOT_USED, 0);
      }
    }
    arrivals = 0;
  }

  @Override
  public void touched(int slot) {
    if (!row.goesOn(slot)) {
      endRow();
    }
    row.add(slot);
  }

  /** Takes the blocks of the row out of their stretches. */
  private void settle() {
    int end = row.size();
    if (settled == end) {
      return;
    }
    find(end);
    while (settled < end) {
      int stretch = stretches.of(row.told(settled));
      if (stretch == NONE) {
        arrive(row.told(settled++));
      } else {
        leave(stretch, end);
      }
    }
  }

  /** Looks for those that have come among those that were gone. */
  private void find(int end) {
    gone.remember();
    for (int i = settled; i < end; i++) {
      int slot = row.told(i);
      prefixes.used(slot);
      if (Known.is(known(slot), Known.CAME) && stretches.of(slot) == NONE) {
        cells[(slot << Cell.SHIFT) + Cell.FOUND] = remembered.find(Cell.identity(cells, slot));
      }
    }
  }

  private void arrive(int slot) {
    if (!Known.is(known(slot), Known.WAITS)) {
      know(slot, arrived(slot, cells[(slot << Cell.SHIFT) + Cell.FOUND]));
    }
  }

  /**
   * {@return the word of a block that has come, and was found among those that were gone or not}
   */
  private int arrived(int slot, int found) {
    int word = known(slot);
    if (found == Remembered.NONE) {
      anyNew = true;
      word |= Known.NEW;
    } else {
      word = Known.recalled(remembered.note(found), since(epochs.now() - remembered.epoch(found)));
      model.reused(gone.back(found), 1);
    }
    return (Known.used(word) & ~Known.CAME) | Known.WAITS;
  }

  /** Blocks leave a stretch, because they are used, or are told of again. */
  private void leave(int stretch, int end) {
    int from = settled;
    int line = lines.line(stretch);
    boolean again = row.number() - stretches.row(stretch) <= ROWS_OF_ONE_USE;
    int gap = since(lines.age(stretch));
    int spoke = 0;
    int spokeAgain = 0;
    for (; settled < end && stretches.of(row.told(settled)) == stretch; settled++) {
      int slot = row.told(settled);
      int word = known(slot);
      boolean itself = again && !Known.is(word, Known.TOLD_TWICE | Known.CAME);
      int speaks = Known.is(word, Known.SPEAKS) ? 1 : 0;
      spoke += speaks;
      spokeAgain += itself ? speaks : 0;
      know(slot, itself ? Known.toldTwice(word) : used(slot, word, gap));
    }
    lines.silence(line, spoke);
    count(StateLines.state(line), spoke - spokeAgain, spokeAgain);
    takeOut(stretch, from);
  }

  private int used(int slot, int word, int gap) {
    return Known.is(word, Known.CAME)
        ? arrived(slot, remembered.find(Cell.identity(cells, slot)))
        : Known.usedAgain(word, gap);
  }

  private void takeOut(int stretch, int from) {
    boolean all = settled - from == stretches.size(stretch);
    for (int i = from; i < settled; i++) {
      if (all) {
        stretches.forget(row.told(i));
      } else {
        stretches.remove(row.told(i));
      }
    }
    if (all) {
      lines.remove(stretch);
      stretches.end(stretch);
    }
  }

  /** {@return the step of the time since an epoch} */
  private int since(int before) {
    return Quantiles.step(Math.max(1, epochs.length(before)));
  }

  private void count(int state, int used, int again) {
    if (used > 0) {
      model.reused(state, used);
    }
    if (again > 0 && state % SPANS == 0) {
      model.reached(state, -again);
    }
  }

  /** A request has ended, as far as one can tell: what its blocks are is known. */
  private void endRow() {
    int length = row.length();
    if (length == 0) {
      return;
    }
    settle();
    if (anyNew) {
      recognize();
      inherit();
      anyNew = false;
    }
    int step = Quantiles.step(length);
    lengths.add(step, length);
    place(length, lengths.of(step));
    int uses = row.size();
    row.end();
    settled = 0;
    pass(uses);
  }

  /** Whoever used a block that is known used those before it, whether they are known or not. */
  private void recognize() {
    int after = NONE;
    for (int i = row.size() - 1; i >= 0; i--) {
      int slot = row.fromTheFirst(i);
      int word = known(slot);
      if (!Known.is(word, Known.WAITS)) {
        continue;
      }
      if (!Known.is(word, Known.NEW)) {
        after = word;
      } else if (after != NONE) {
        know(slot, Known.branched(Known.like(word, after)));
      }
    }
  }

  /** What goes on where an earlier request ended is what that has become. */
  private void inherit() {
    int before = row.before();
    for (int i = 0; i < row.size(); i++) {
      int slot = row.fromTheFirst(i);
      int word = known(slot);
      if (before != NONE && Known.is(word, Known.WAITS) && Known.is(word, Known.NEW)) {
        int of = Known.branched(known(before));
        know(before, of);
        if (Known.branches(of) <= WAYS_OF_ONE) {
          know(slot, Known.like(word, of) | Known.GOES_ON);
        }
      }
      before = slot;
    }
  }

  private void place(int length, int lengthClass) {
    int after = NONE;
    int stretch = NONE;
    int speak = 0;
    for (int i = row.size() - 1; i >= 0; i--) {
      int slot = row.fromTheFirst(i);
      int word = known(slot);
      if (!Known.is(word, Known.WAITS)) {
        continue;
      }
      int depth = row.depth(slot);
      int of = classes.of(word, depth == length - 1, lengthClass);
      boolean speaks = of != after || (depth & (depth + 1)) == 0;
      if (of != after) {
        if (stretch != NONE) {
          lines.add(stretch, after, speak);
        }
        speak = 0;
        stretch = stretches.begin(row.number());
      }
      know(slot, (word & ~(Known.NEW | Known.WAITS)) | (speaks ? Known.SPEAKS : 0));
      stretches.add(stretch, slot);
      speak += speaks ? 1 : 0;
      after = of;
    }
    if (stretch != NONE) {
      lines.add(stretch, after, speak);
    }
  }

  private void pass(int uses) {
    long before = now;
    now += uses;
    for (int ended = epochs.ended(before, now); ended > 0; ended--) {
      lines.age();
    }
    if (now >= learnAt) {
      learnAt = now + Math.min(learnEvery, now);
      model.learn();
      lengths.learn();
      lines.reorder();
    }
  }

  @Override
  public void removed(int slot) {
    settle();
    prefixes.removed(slot);
    int stretch = stretches.of(slot);
    if (stretch != NONE) {
      if (Known.is(known(slot), Known.SPEAKS)) {
        fallSilent(slot, stretch);
      }
      stretches.remove(slot);
      if (stretches.size(stretch) == 0) {
        lines.remove(stretch);
        stretches.end(stretch);
      }
    }
    know(slot, 0);
    named = NONE;
  }

  private void fallSilent(int slot, int stretch) {
    int line = lines.line(stretch);
    lines.silence(line, 1);
    if (slot == named) {
      int note = Known.note(known(slot)) | (StateLines.of(line) << Known.NOTE_BITS);
      gone.add(Cell.identity(cells, slot), epochs.now() - lines.age(stretch), note);
    }
  }

  @Override
  public int coldest(Evictable evictable) {
    settle();
    line();
    named = lines.coldest(prefixes, evictable);
    if (named == NONE) {
      endRow();
      named = lines.askAll(evictable);
    }
    return named;
  }
}
