package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;

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
 * Each state, a class and an age, is a line; the victim is the first that may go of the line that
 * is worth the least. Blocks grow old, and change lines, as a hand passes over the lines: each does
 * so at most SPANS times a use.
 *
 * A policy is told of blocks, not of requests. But a request reports its blocks in a row, so a row
 * is taken for a request: its blocks wait in a line of their own, the last to give way, until the
 * row has ended, and then are classed. A block of which somebody tells twice within few rows, as of
 * one fetched and then put, was used once.
 */
/**
 * Learns which blocks are used again, and when. 65 bytes per slot, and 40 for each block that is
 * remembered.
 */
final class AdaptivePolicy implements EvictionPolicy {
  private static final int SPANS = ReuseModel.SPANS;
  private static final int STATES = ReuseClasses.COUNT * SPANS;
  private static final int WAITING = STATES;

  /** How many rows apart two reports may be that are of one use. */
  private static final int ROWS_OF_ONE_USE = 8;

  /** Beyond so many ways to go on it is not one conversation: one block may not have been full. */
  private static final int WAYS_OF_ONE = 2;

  private static final int LEARN_EVERY = 2048;
  private static final int FIRST_LEARNED = 1024;

  private final Lines lines;
  private final Prefixes prefixes;
  private final Ghosts ghosts;
  private final ReuseClasses classes;
  private final ReuseModel model = new ReuseModel(ReuseClasses.groups());
  private final Quantiles lengths = new Quantiles(ReuseClasses.LENGTHS);
  private final Row row;
  private final Known known;

  private final long[] identities;
  private final int[] usedAt;
  private final int[] lastRow;
  private final int[] ghostUsedAt;
  private final long[] filled = new long[(STATES + 63) / 64];

  private final int firstSpan;
  private final int learnEvery;
  private final int handSteps;
  private int now;
  private int learnAt = FIRST_LEARNED;
  private int hand;
  private int ghostHand;
  private int named = NONE;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param remembered how many blocks that are gone are remembered
   */
  AdaptivePolicy(int slots, int remembered) {
    lines = new Lines(slots, STATES + 1);
    prefixes = new Prefixes(slots);
    ghosts = new Ghosts(remembered, STATES);
    classes = new ReuseClasses(slots);
    row = new Row(slots);
    known = new Known(slots);
    identities = new long[slots];
    usedAt = new int[slots];
    lastRow = new int[slots];
    ghostUsedAt = new int[remembered];
    firstSpan = Math.clamp(slots >> 6, 1, 1 << 20);
    learnEvery = Math.max(LEARN_EVERY, slots >> 3);
    handSteps = Math.clamp(16L * STATES / slots, 1, 32);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    row.depth[slot] = depth;
    lastRow[slot] = row.number() - ROWS_OF_ONE_USE - 1;
    int ghost = ghosts.find(identity);
    if (ghost == Ghosts.NONE) {
      known.came(slot);
    } else {
      model.reused(ghosts.list(ghost));
      known.recalled(slot, ghosts.note[ghost], since(ghostUsedAt[ghost]));
      ghosts.forget(ghost);
    }
    usedAt[slot] = now;
    add(slot, ReuseClasses.NOT_USED * SPANS);
  }

  private int since(int before) {
    return Quantiles.step(Math.max(1, now - before));
  }

  private void add(int slot, int state) {
    lines.addLast(state, slot);
    int rank = model.rank(state);
    filled[rank >>> 6] |= 1L << rank;
  }

  private void take(int slot) {
    int state = lines.line(slot);
    lines.remove(slot);
    if (state != WAITING && lines.isEmpty(state)) {
      int rank = model.rank(state);
      filled[rank >>> 6] &= ~(1L << rank);
    }
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    tick();
    if (!row.goesOn(slot)) {
      endRow();
    }
    if (lines.line(slot) != WAITING) {
      use(slot);
      take(slot);
      lines.addLast(WAITING, slot);
    }
    row.add(slot);
  }

  private void use(int slot) {
    boolean came = known.is(slot, Known.CAME);
    boolean again = !came
        && !known.is(slot, Known.TOLD_TWICE)
        && row.number() - lastRow[slot] <= ROWS_OF_ONE_USE;
    if (known.is(slot, Known.SPEAKS)) {
      count(lines.line(slot), again);
    }
    lastRow[slot] = row.number();
    if (again) {
      known.unmark(slot, Known.SPEAKS);
      known.mark(slot, Known.TOLD_TWICE);
      return;
    }
    known.use(slot);
    if (came && !known.is(slot, Known.RECALLED)) {
      known.mark(slot, Known.NEW);
    } else if (!came) {
      known.gap(slot, since(usedAt[slot]));
    }
    known.unmark(
        slot, Known.CAME | Known.RECALLED | Known.SPEAKS | Known.TOLD_TWICE | Known.GOES_ON);
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
      if (!waits(slot)) {
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
      if (before != NONE && waits(slot) && known.is(slot, Known.NEW)) {
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
      if (!waits(slot)) {
        continue;
      }
      int depth = row.depth[slot];
      int state = classes.of(known, slot, depth == length - 1, lengthClass) * SPANS;
      known.unmark(slot, Known.NEW);
      if (state != after || (depth & (depth + 1)) == 0) {
        known.mark(slot, Known.SPEAKS);
        model.reached(state, 1);
      }
      after = state;
      usedAt[slot] = now;
      lines.remove(slot);
      add(slot, state);
    }
  }

  private boolean waits(int slot) {
    return lines.contains(slot) && lines.line(slot) == WAITING;
  }

  private void tick() {
    now++;
    for (int i = 0; i < handSteps; i++) {
      hand = hand + 1 < STATES ? hand + 1 : 0;
      if (hand % SPANS < SPANS - 1) {
        age(hand, firstSpan << (hand % SPANS));
      }
    }
    if (now - learnAt >= 0) {
      learnAt = now + Math.min(learnEvery, Math.abs(now));
      learn();
    }
  }

  private void age(int state, int limit) {
    for (int slot = lines.first(state); slot != NONE && now - usedAt[slot] >= limit; slot =
        lines.first(state)) {
      take(slot);
      add(slot, state + 1);
      model.reached(state + 1, known.is(slot, Known.SPEAKS) ? 1 : 0);
    }
    for (int ghost = ghosts.oldest(state); ghost != NONE
        && now - ghostUsedAt[ghost] >= limit; ghost = ghosts.oldest(state)) {
      ghosts.move(state + 1, ghost);
      model.reached(state + 1, 1);
    }
  }

  private void learn() {
    model.learn();
    lengths.learn();
    Arrays.fill(filled, 0);
    for (int state = 0; state < STATES; state++) {
      if (!lines.isEmpty(state)) {
        int rank = model.rank(state);
        filled[rank >>> 6] |= 1L << rank;
      }
    }
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    int state = lines.line(slot);
    take(slot);
    if (slot == named
        && state != WAITING
        && known.is(slot, Known.SPEAKS)
        && ghosts.find(identities[slot]) == Ghosts.NONE) {
      remember(slot, state);
    }
    named = NONE;
  }

  private void remember(int slot, int state) {
    if (ghosts.full()) {
      ghostHand = ghostHand + 1 < ghostUsedAt.length ? ghostHand + 1 : 0;
      ghosts.forget(ghostHand);
    }
    int ghost = ghosts.add(state, identities[slot]);
    ghostUsedAt[ghost] = usedAt[slot];
    ghosts.note[ghost] = known.note(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    named = search(evictable, false);
    if (named == NONE) {
      endRow();
      named = search(evictable, true);
    }
    return named;
  }

  private int search(Evictable evictable, boolean all) {
    for (int word = 0; word < filled.length; word++) {
      for (long rest = filled[word]; rest != 0; rest &= rest - 1) {
        int state = model.state((word << 6) + Long.numberOfTrailingZeros(rest));
        int slot = all ? lines.askAll(state, evictable) : lines.coldest(state, prefixes, evictable);
        if (slot != NONE) {
          return slot;
        }
      }
    }
    return NONE;
  }
}
