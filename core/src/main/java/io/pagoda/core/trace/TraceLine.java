package io.pagoda.core.trace;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.Outcome.End;
import java.util.List;

/**
 * A line of a trace. What is asked has a number of its own, and others refer to it; a call that
 * begins several jobs takes a number for each. Times are microseconds, {@code at} since the trace
 * began.
 */
public sealed interface TraceLine {
  /** {@return when it was} */
  long at();

  /** {@return the keys it holds} */
  default int keyCount() {
    return 0;
  }

  /**
   * A prefix was looked for.
   *
   * @param number its own
   * @param at when
   * @param keys the prefix
   * @param found how many leading blocks there were
   * @param tiers how many of them in each tier, hottest first
   * @param micros how long it took
   */
  record Matched(long number, long at, BlockKeys keys, int found, List<Integer> tiers, long micros)
      implements
        TraceLine {
    @Override
    public int keyCount() {
      return keys.size();
    }
  }

  /**
   * Fetches were begun together.
   *
   * @param number of the first
   * @param at when
   * @param matches what each fetches
   * @param blocks how many blocks of it
   */
  record Fetched(
      long number, long at, List<Long> matches, List<Integer> blocks) implements TraceLine {}

  /**
   * A prefetch was begun.
   *
   * @param number its own
   * @param at when
   * @param match what is to come up
   */
  record Prefetched(long number, long at, long match) implements TraceLine {}

  /**
   * A put was begun.
   *
   * @param number its own
   * @param at when
   * @param keys the prefix
   * @param namespace whose
   */
  record Put(long number, long at, BlockKeys keys, Namespace namespace) implements TraceLine {
    @Override
    public int keyCount() {
      return keys.size();
    }
  }

  /**
   * A put was drafted.
   *
   * @param number its own
   * @param at when
   * @param keys the prefix
   * @param namespace whose
   * @param found how many leading blocks can be stored
   */
  record Drafted(
      long number, long at, BlockKeys keys, Namespace namespace, int found) implements TraceLine {
    @Override
    public int keyCount() {
      return keys.size();
    }
  }

  /**
   * Drafted puts were begun together.
   *
   * @param number of the first
   * @param at when
   * @param drafts what each stores
   */
  record Launched(long number, long at, List<Long> drafts) implements TraceLine {}

  /**
   * A match or a draft was closed.
   *
   * @param number its own
   * @param at when
   */
  record Closed(long number, long at) implements TraceLine {}

  /**
   * A job was cancelled.
   *
   * @param number the job's
   * @param at when
   */
  record Cancelled(long number, long at) implements TraceLine {}

  /**
   * A job ended.
   *
   * @param number the job's
   * @param at when
   * @param end in which way
   * @param blocks how many leading blocks are where they should be
   * @param micros how long it took
   */
  record Ended(long number, long at, End end, int blocks, long micros) implements TraceLine {}

  /**
   * Nothing of a put is left to do.
   *
   * @param number the job's
   * @param at when
   * @param blocks how many leading blocks have all their copies
   * @param micros how long it took
   */
  record Finished(long number, long at, int blocks, long micros) implements TraceLine {}

  /**
   * The store was told to forget every block.
   *
   * @param number its own
   * @param at when
   */
  record Reset(long number, long at) implements TraceLine {}

  /**
   * The store had forgotten every block.
   *
   * @param number the reset's
   * @param at when
   */
  record Emptied(long number, long at) implements TraceLine {}

  /**
   * Lines are missing here.
   *
   * @param at when that was written
   * @param lines how many
   */
  record Dropped(long at, long lines) implements TraceLine {}
}
