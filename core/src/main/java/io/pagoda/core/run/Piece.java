package io.pagoda.core.run;

import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.Hop.Kind;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A part of a plan that is one task's: consecutive positions.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Piece {
  final PlanRun run;
  final Task task;

  /** The first position. */
  final int from;

  /** The position after the last. */
  final int to;

  /** Which of the task's blocks is at the first position. */
  int at;

  /** Whether it brings blocks before others that come earlier in the prefix. */
  boolean ahead;

  /** How many movements of a block that the task waits for are left, by section. */
  private final int[] leftBySection;

  private int left;

  /** Positions of blocks that others were to bring, and have not. */
  private @Nullable BitSet deserted;

  /** How many blocks that others bring are still to come. */
  int arrivalsLeft;

  /** How many hops that touch the caller's memory are on their way. */
  int moving;

  Piece(PlanRun run, Task task, int from, int to, int sections) {
    this.run = run;
    this.task = task;
    this.from = from;
    this.to = to;
    this.at = task.done;
    this.leftBySection = new int[sections];
  }

  /** {@return whether the task waits for the blocks of a hop} */
  boolean waitsFor(Hop hop) {
    return hop.kind() == switch (task.priority) {
      case FETCH -> Kind.SCATTER;
      case PUT -> Kind.GATHER;
      case PREFETCH, BACKGROUND -> Kind.LOAD;
    };
  }

  /** Expects movements of blocks. */
  void expect(int section, int count) {
    left += count;
    leftBySection[Math.max(0, section)] += count;
  }

  /** Records that movements of blocks are over, whether they ran or not. */
  void passed(int section, int count) {
    left -= count;
    leftBySection[Math.max(0, section)] -= count;
  }

  /** {@return whether nothing is left that the task waits for} */
  boolean over() {
    return left == 0 && arrivalsLeft == 0;
  }

  /** {@return whether a section of every block has come, or will not} */
  boolean over(int section) {
    return leftBySection[section] == 0;
  }

  /** {@return how many leading blocks have arrived} */
  int arrived() {
    return Math.min(run.arrived.nextClearBit(from), to) - from;
  }

  /** {@return how many leading blocks are not known to be lost} */
  int notLost() {
    int lost = run.lost.nextSetBit(from);
    return (lost < 0 ? to : Math.min(lost, to)) - from;
  }

  /** Records that a block which another was to bring has not come. */
  void desert(int position) {
    if (deserted == null) {
      deserted = new BitSet();
    }
    deserted.set(position);
  }

  /** {@return whether the block after {@code blocks} is one that another failed to bring} */
  boolean deserted(int blocks) {
    return deserted != null && deserted.get(from + blocks);
  }

  int size() {
    return to - from;
  }
}
