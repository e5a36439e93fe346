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
 *   whether it goes on where an earlier request ended: the newest turn of a conversation is as
 *     good as the older ones, though it was used only once. Where many go on differently, a
 *     shared prefix has ended, and what follows it is new;
 *   whether it is the last of its request: that block is seldom full, and then never used again;
 *   how long its request is, among the others.
 *
 * ReuseModel learns for each class when its blocks are used again, those that are gone too, of
 * which some are remembered. Each state, a class and an age, is a line; the victim is the first
 * that may go of the line that is worth the least. Blocks grow old, and change lines, as a hand
 * passes over the lines: each does so at most SPANS times a use.
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

  /** Ways to be used: by how often, whether last of a request, whether what goes on. */
  private static final int KINDS = 32;

  private static final int STATES = PromptLengths.CLASSES * KINDS * SPANS;
  private static final int WAITING = STATES;

  /** How many rows apart two reports may be that are of one use. */
  private static final int ROWS_OF_ONE_USE = 8;

  private static final int MOST_USES = 255;

  private final Lines lines;
  private final Prefixes prefixes;
  private final Ghosts ghosts;
  private final ReuseModel model = new ReuseModel(STATES / SPANS, KINDS);
  private final PromptLengths lengths = new PromptLengths();
  private final Row row;

  private final long[] identities;
  private final int[] usedAt;
  private final int[] lastRow;
  private final short[] uses;
  private final byte[] branches;
  private final byte[] marks;
  private final int[] ghostUsedAt;
  private final long[] filled = new long[(STATES + 63) / 64];

  private static final byte CAME = 1;
  private static final byte GOES_ON = 2;
  private static final byte TOLD_TWICE = 4;
  private static final byte NEW = 8;

  private final int firstSpan;
  private final int learnEvery;
  private final int handSteps;
  private int now;
  private int learnAt;
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
    row = new Row(slots);
    identities = new long[slots];
    usedAt = new int[slots];
    lastRow = new int[slots];
    uses = new short[slots];
    branches = new byte[slots];
    marks = new byte[slots];
    ghostUsedAt = new int[remembered];
    firstSpan = Math.clamp(slots >> 6, 1, 1 << 20);
    learnEvery = Math.max(2048, slots >> 3);
    handSteps = Math.clamp(64L * STATES / slots, 1, 32);
    learnAt = learnEvery;
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    row.depth[slot] = depth;
    marks[slot] = CAME;
    lastRow[slot] = row.number() - ROWS_OF_ONE_USE - 1;
    int ghost = ghosts.find(identity);
    if (ghost == Ghosts.NONE) {
      uses[slot] = 0;
      branches[slot] = 0;
    } else {
      recall(slot, ghost);
    }
    usedAt[slot] = now;
    add(slot, state(slot, false, 0));
  }

  private void recall(int slot, int ghost) {
    model.reused(ghosts.list(ghost));
    int note = ghosts.note[ghost];
    uses[slot] = (short) (note & MOST_USES);
    branches[slot] = (byte) ((note >>> 8) & Byte.MAX_VALUE);
    marks[slot] |= (byte) ((note >>> 16) & GOES_ON);
    ghosts.forget(ghost);
  }

  private int state(int slot, boolean last, int length) {
    int used = uses[slot];
    int often = used <= 3 ? used : used <= 5 ? 4 : used <= 8 ? 5 : used <= 16 ? 6 : 7;
    int kind = (often << 2) | (last ? 2 : 0) | ((marks[slot] & GOES_ON) == 0 ? 0 : 1);
    return (length * KINDS + kind) * SPANS;
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
    boolean came = (marks[slot] & CAME) != 0;
    boolean again =
        !came && (marks[slot] & TOLD_TWICE) == 0 && row.number() - lastRow[slot] <= ROWS_OF_ONE_USE;
    int state = lines.line(slot);
    if (again) {
      model.reached(state, state % SPANS == 0 ? -1 : 0);
    } else if (!came) {
      model.reused(state);
    }
    if (!again) {
      uses[slot] = (short) Math.min(MOST_USES, uses[slot] + 1);
    }
    lastRow[slot] = row.number();
    boolean isNew = came && uses[slot] == 1;
    int kept = marks[slot] & GOES_ON;
    marks[slot] = (byte) (kept | (again ? TOLD_TWICE : 0) | (isNew ? NEW : 0));
  }

  /** A request has ended, as far as one can tell: what its blocks are is known. */
  private void endRow() {
    int length = row.length();
    if (length == 0) {
      return;
    }
    int before = row.before();
    for (int i = 0; i < row.size(); i++) {
      before = follow(before, row.fromTheFirst(i));
    }
    lengths.add(length);
    int lengthClass = lengths.of(length);
    for (int i = row.size() - 1; i >= 0; i--) {
      int slot = row.fromTheFirst(i);
      if (waits(slot)) {
        lines.remove(slot);
        int state = state(slot, row.depth[slot] == length - 1, lengthClass);
        usedAt[slot] = now;
        model.reached(state, 1);
        add(slot, state);
      }
    }
    row.end();
  }

  private boolean waits(int slot) {
    return lines.contains(slot) && lines.line(slot) == WAITING;
  }

  /** Learns whether a block goes on where an earlier request ended; returns the block. */
  private int follow(int before, int slot) {
    if (before != NONE && waits(slot) && (marks[slot] & NEW) != 0) {
      boolean goesOn = (marks[before] & GOES_ON) != 0;
      branches[before] = (byte) Math.min(Byte.MAX_VALUE, branches[before] + 1);
      if (uses[before] > 1) {
        goesOn = branches[before] <= 2;
      }
      marks[slot] = (byte) ((marks[slot] & ~NEW) | (goesOn ? GOES_ON : 0));
    }
    return slot;
  }

  private void tick() {
    now++;
    for (int i = 0; i < handSteps; i++) {
      hand = hand == 0 ? STATES - 1 : hand - 1;
      if (hand % SPANS < SPANS - 1) {
        age(hand, firstSpan << (hand % SPANS));
      }
    }
    if (now - learnAt >= 0) {
      learnAt = now + learnEvery;
      learn();
    }
  }

  private void age(int state, int limit) {
    for (int slot = lines.first(state); slot != NONE && now - usedAt[slot] >= limit; slot =
        lines.first(state)) {
      take(slot);
      add(slot, state + 1);
      model.reached(state + 1, 1);
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
    if (slot == named && state != WAITING && ghosts.find(identities[slot]) == Ghosts.NONE) {
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
    ghosts.note[ghost] = uses[slot] | (branches[slot] << 8) | ((marks[slot] & GOES_ON) << 16);
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
