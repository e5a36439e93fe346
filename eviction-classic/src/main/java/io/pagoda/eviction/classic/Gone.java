package io.pagoda.eviction.classic;

/*
 * To look for a block that is gone is to look at memory at which nobody looked lately, and so is to
 * remember one. A processor waits for many such looks at a time if little is done between them. So
 * blocks are remembered a few at a time, and before it is done, all are looked at.
 */
/**
 * Blocks that have gone lately, and then those that are {@link Remembered}. Those are counted among
 * the lines that they were in.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Gone {
  private static final int MOST = 64;

  private final Remembered remembered;
  private final StateLines lines;
  private final Epochs epochs;
  private final long[] identities = new long[MOST];
  private final int[] lastUses = new int[MOST];
  private final int[] notes = new int[MOST];
  private int size;

  /** What was seen in looking at all, without which nobody would look. */
  @SuppressWarnings("UnusedVariable") private long seen;

  Gone(Remembered remembered, StateLines lines, Epochs epochs) {
    this.remembered = remembered;
    this.lines = lines;
    this.epochs = epochs;
  }

  /** Adds a block that goes: the epoch of its last use, and its class above a note. */
  void add(long identity, int lastUse, int note) {
    if (size == MOST) {
      remember();
    }
    identities[size] = identity;
    lastUses[size] = lastUse;
    notes[size] = note;
    size++;
  }

  /** Remembers those that have gone lately; to be done before an epoch begins, or one is sought. */
  void remember() {
    for (int i = 0; i < size; i++) {
      seen += remembered.seen(identities[i]);
    }
    for (int i = 0; i < size; i++) {
      remember(i);
    }
    size = 0;
  }

  private void remember(int i) {
    long identity = identities[i];
    if (remembered.find(identity) != Remembered.NONE) {
      return;
    }
    int at = remembered.room(identity, epochs.now());
    if (!remembered.isFree(at)) {
      lines.forgotten(of(remembered.note(at)), remembered.epoch(at));
    }
    remembered.put(at, identity, lastUses[i], notes[i]);
    lines.gone(of(notes[i]), lastUses[i]);
  }

  private static int of(int note) {
    return note >>> Known.NOTE_BITS;
  }

  /** {@return the state in which a block is that was found, and is gone no longer} */
  int back(int found) {
    remembered.forget(found);
    return lines.forgotten(of(remembered.note(found)), remembered.epoch(found));
  }
}
