package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;

/*
 * States are searched in the order of their worth. Most that are worth little hold none but blocks
 * that others follow, or that are in use, and these are marked. So a bit for each place in the
 * order tells where there is anything to ask for, and another where there is anything at all.
 */
/**
 * The stretches of a tier in lines, one for each class and part of a span of time, in the order of
 * what a model says their states are worth, and of one state the oldest first. Counts those that
 * speak for others, in the tier and gone.
 *
 * <p><b>Threads.</b> Confined.
 */
final class StateLines {
  private static final int NONE = EvictionPolicy.NONE;
  private static final int SPANS = Epochs.SPANS;
  private static final int PARTS = Epochs.PARTS;
  private static final int ALL = Epochs.ALL;
  private static final Evictable NOBODY = _ -> false;

  private final Lines lines;
  private final Epochs epochs;
  private final ReuseModel model;
  private final int classes;

  /** Of each line, how many blocks that speak are in it, whether they are there or gone. */
  private final int[] speaking;

  /** Of each part the classes of which there may be blocks, in the tier or gone. */
  private final Places[] occupied;

  /** Where there are slots. */
  private final Places filled;

  /** Where there may be slots that are not marked. */
  private final Places open;

  private final Stretches stretches;
  private Evictable mayGo = NOBODY;
  private final Evictable mayShrink;

  private int turn;

  StateLines(Stretches stretches, int classes, Epochs epochs, ReuseModel model) {
    this.stretches = stretches;
    this.epochs = epochs;
    this.model = model;
    this.classes = classes;
    lines = new Lines(stretches.cells(), Stretches.SHIFT, classes * ALL, epochs);
    speaking = new int[classes * ALL];
    occupied = new Places[ALL];
    Arrays.setAll(occupied, _ -> new Places(classes));
    filled = new Places(classes * SPANS * PARTS);
    open = new Places(classes * SPANS * PARTS);
    mayShrink = stretch -> mayGo.test(stretches.deepest(stretch));
  }

  /** {@return the state of a line} */
  static int state(int line) {
    return line / ALL * SPANS + Epochs.span(line % ALL);
  }

  /** {@return the class of a line} */
  static int of(int line) {
    return line / ALL;
  }

  /** {@return the place of a line in the order} */
  private int place(int line) {
    return model.rank(state(line)) * PARTS + PARTS - 1 - line % ALL % PARTS;
  }

  /** {@return the line that has a place in the order} */
  private int lineAt(int place) {
    int state = model.state(place / PARTS);
    return state / SPANS * ALL + state % SPANS * PARTS + PARTS - 1 - place % PARTS;
  }

  /** Adds a stretch as the youngest of a class, of which some blocks speak for others. */
  void add(int stretch, int to, int speak) {
    int line = to * ALL;
    lines.addYoungest(line, stretch);
    speaking[line] += speak;
    model.reached(to * SPANS, speak);
    occupied[0].set(to);
    int place = place(line);
    filled.set(place);
    open.set(place);
  }

  /** {@return the line in which a stretch is} */
  int line(int stretch) {
    return lines.line(stretch);
  }

  /** Records that blocks in a line do not speak for others any more. */
  void silence(int line, int spoke) {
    speaking[line] -= spoke;
  }

  void remove(int stretch) {
    int line = lines.line(stretch);
    lines.remove(stretch);
    if (lines.isEmpty(line)) {
      int place = place(line);
      filled.clear(place);
      open.clear(place);
    }
  }

  /** {@return how many epochs ago a stretch was added} */
  int age(int stretch) {
    return lines.age(stretch);
  }

  /** Remembers a block that is gone, of a class, since an epoch. */
  void gone(int of, int epoch) {
    int part = epochs.partOf(epoch);
    speaking[of * ALL + part]++;
    occupied[part].set(of);
  }

  /**
   * Counts a block that is gone no longer, or not remembered.
   *
   * @param of its class
   * @param epoch that of its last use
   * @return the state that it was in
   */
  int forgotten(int of, int epoch) {
    int line = of * ALL + epochs.partOf(epoch);
    speaking[line]--;
    return state(line);
  }

  /** Begins an epoch: whole lines become those of the next part. */
  void age() {
    for (int part = epochs.begin(); part >= 0; part--) {
      Places of = occupied[part];
      for (int at = of.from(0); at != NONE; at = of.from(at + 1)) {
        age(at * ALL + part, part);
      }
      of.clear();
    }
  }

  private void age(int from, int part) {
    int to = from + 1;
    if (speaking[from] == 0 && lines.isEmpty(from)) {
      return;
    }
    occupied[part + 1].set(from / ALL);
    if (part % PARTS == PARTS - 1) {
      model.reached(state(to), speaking[from]);
    }
    speaking[to] += speaking[from];
    speaking[from] = 0;
    if (!lines.isEmpty(from)) {
      if (part == ALL - 2) {
        lines.settle(from, to);
      }
      lines.append(to, from);
      moveTo(place(to), place(from));
    }
  }

  private void moveTo(int to, int from) {
    filled.set(to);
    filled.clear(from);
    if (open.isSet(from)) {
      open.set(to);
      open.clear(from);
    }
  }

  /** The model has put its states in another order. */
  void reorder() {
    filled.clear();
    open.clear();
    for (int line = 0; line < classes * ALL; line++) {
      if (!lines.isEmpty(line)) {
        filled.set(place(line));
        open.set(place(line));
      }
    }
  }

  /** {@return the block that is worth the least of those that may go, or none as far as known} */
  int coldest(Prefixes prefixes, Evictable evictable) {
    mayGo = evictable;
    int place = open.from(0);
    int stretch = askFreed(place, prefixes);
    if (stretch == NONE) {
      stretch = askByTurns(place);
    }
    while (stretch == NONE && place != NONE) {
      stretch = lines.askUnmarked(lineAt(place), mayShrink);
      if (stretch == NONE) {
        open.clear(place);
        place = open.from(place + 1);
        stretch = askFreed(place, prefixes);
      }
    }
    mayGo = NOBODY;
    return stretch == NONE ? NONE : stretches.deepest(stretch);
  }

  /** Asks those whose successors have gone, if they are worth less than the first of a place. */
  private int askFreed(int place, Prefixes prefixes) {
    for (int slot = prefixes.freed(); slot != NONE; slot = prefixes.freed()) {
      int stretch = stretches.of(slot);
      if (stretch != NONE && stretches.deepest(stretch) == slot && lines.marked(stretch)) {
        int in = lines.line(stretch);
        if (!precedes(in, stretch, place)) {
          return NONE;
        }
        if (mayGo.test(slot)) {
          return lines.orColder(in, stretch, mayShrink);
        }
      }
      prefixes.forgetFreed();
    }
    return NONE;
  }

  private boolean precedes(int in, int stretch, int place) {
    int its = place(in);
    return place == NONE || its < place || (its == place && lines.precedesUnmarked(stretch));
  }

  /** Asks one of those marked, up to a place, of one state after the other. */
  private int askByTurns(int place) {
    turn = filled.from(turn);
    if (turn == NONE || (place != NONE && turn > place)) {
      turn = filled.from(0);
    }
    if (turn == NONE) {
      turn = 0;
      return NONE;
    }
    int line = lineAt(turn);
    int stretch = lines.askByTurns(line, 1, mayShrink);
    if (lines.allHadTheirTurn(line)) {
      turn++;
    }
    return stretch;
  }

  /** Asks every stretch, marked or not, and then every block. */
  int askAll(Evictable evictable) {
    mayGo = evictable;
    int stretch = NONE;
    for (int place = filled.from(0); place != NONE; place = filled.from(place + 1)) {
      open.set(place);
      stretch = lines.askAll(lineAt(place), mayShrink);
      if (stretch != NONE) {
        break;
      }
      open.clear(place);
    }
    mayGo = NOBODY;
    return stretch == NONE ? askEach(evictable) : stretches.deepest(stretch);
  }

  private int askEach(Evictable evictable) {
    for (int slot = 0; slot < stretches.slots(); slot++) {
      if (stretches.of(slot) != NONE && evictable.test(slot)) {
        return slot;
      }
    }
    return NONE;
  }
}
