package io.pagoda.node.sim;

/**
 * Sessions of one kind. A session begins with one of some shared prompts, goes on with blocks of
 * its own, and grows at each turn.
 *
 * @param weight how many of all new sessions are of this kind, beside the other kinds
 * @param prompts how many shared prompts there are
 * @param skew of their popularity, as Zipf's exponent; below 0: they are asked in turn
 * @param promptBlocks how long a shared prompt is in the middle; 0 for none
 * @param turns how many turns a session has on the average, geometrically distributed
 * @param firstBlocks how many blocks the first turn adds in the middle, log-normally distributed
 * @param moreBlocks how many each other turn adds in the middle
 * @param spread of these lengths, as the deviation of their logarithms
 * @param gap between turns in the middle, in seconds
 * @param gapSpread the deviation of its logarithm; 0 for an exponential distribution
 * @param from the part of the trace before which none begins, 0 to 1
 * @param until the part of the trace after which none begins
 */
public record Traffic(
    double weight, int prompts, double skew, double promptBlocks, double turns, double firstBlocks,
    double moreBlocks, double spread, double gap, double gapSpread, double from, double until) {
  /** Conversations of people, under a few system prompts. */
  static final Traffic CHAT = new Traffic(1, 20, 1, 2, 2.5, 8, 2, 1, 40, 1.2, 0, 1);

  /** Programs that call a model in a loop, each step a moment after the one before. */
  static final Traffic AGENTS = new Traffic(1, 6, .7, 10, 14, 4, 1.5, .6, 4, 0, 0, 1);

  /** Long prompts that come once. */
  static final Traffic BATCH = new Traffic(1, 1, 0, 0, 1, 40, 0, .8, 1, 1, 0, 1);

  /** Questions on documents, some of which are asked about often. */
  static final Traffic DOCUMENTS = new Traffic(1, 3_000, .9, 16, 1.1, 1, 1, .5, 30, 1, 0, 1);

  Traffic weighing(double more) {
    return new Traffic(
        more, prompts, skew, promptBlocks, turns, firstBlocks, moreBlocks, spread, gap, gapSpread,
        from, until);
  }

  Traffic during(double begin, double end) {
    return new Traffic(
        weight, prompts, skew, promptBlocks, turns, firstBlocks, moreBlocks, spread, gap, gapSpread,
        begin, end);
  }

  Traffic withGap(double seconds, double deviation) {
    return new Traffic(
        weight, prompts, skew, promptBlocks, turns, firstBlocks, moreBlocks, spread, seconds,
        deviation, from, until);
  }

  Traffic withPrompts(int count, double exponent, double blocks) {
    return new Traffic(
        weight, count, exponent, blocks, turns, firstBlocks, moreBlocks, spread, gap, gapSpread,
        from, until);
  }

  Traffic withTurns(double mean) {
    return new Traffic(
        weight, prompts, skew, promptBlocks, mean, firstBlocks, moreBlocks, spread, gap, gapSpread,
        from, until);
  }
}
