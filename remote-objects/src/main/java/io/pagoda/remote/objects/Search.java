package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Presence.State;
import io.pagoda.remote.objects.Whereabouts.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * The search for the end of one prefix: the blocks up to {@code low} are there, that at {@code
 * high} is not. It goes by the ends of groups first, and then, in the group that is not there as a
 * whole, by its blocks.
 *
 * <p><b>Threads.</b> Any; one round after the other.
 */
final class Search {
  private final Finder finder;
  private final Context context;
  private final Presence presence;
  private final Groups groups;
  private final IntConsumer found;
  private final long deadlineAt;
  private final AtomicBoolean told = new AtomicBoolean();

  private int low = -1;
  private int high;
  private boolean firstKnown;

  Search(Finder finder, Groups groups, IntConsumer found) {
    this.finder = finder;
    this.context = finder.context();
    this.presence = context.presence();
    this.groups = groups;
    this.found = found;
    this.deadlineAt = System.nanoTime() + finder.deadlineNs();
    this.high = groups.blocks();
  }

  /** Begins with what is known already. */
  void start() {
    long now = System.nanoTime();
    for (int i = 0; i < high; i++) {
      State state = recall(i, now);
      // What has no object of its own may be in that of its group.
      boolean tells = state != State.ABSENT || groups.endOf(i) == i || groups.endOf(i) >= high;
      if (context.isRejected(groups.high(i), groups.low(i))) {
        take(i, State.ABSENT);
      } else if (state != State.UNKNOWN && tells) {
        context.tally().cached.increment();
        take(i, state);
      }
    }
    round(1);
  }

  private State recall(int block, long now) {
    return presence.of(groups.high(block), groups.low(block), now);
  }

  private void take(int block, State state) {
    if (block == 0) {
      firstKnown = true;
    }
    if (state == State.PRESENT) {
      low = Math.max(low, block);
    } else {
      high = Math.min(high, block);
    }
  }

  /** Nothing counts after the first block that is not there, or that nobody knows of. */
  private void take(int[] at, State[] states) {
    for (int i = 0; i < at.length; i++) {
      take(at[i], states[i]);
      if (states[i] != State.PRESENT) {
        return;
      }
    }
  }

  private void round(int number) {
    Duration left = Duration.ofNanos(deadlineAt - System.nanoTime());
    boolean over = number > Finder.ROUNDS || !left.isPositive();
    boolean within = !firstKnown && groups.endOf(0) > 0 && groups.endOf(0) < high;
    // The last round is for the blocks of the group that is not there as a whole.
    int[] ends = number < Finder.ROUNDS || groups.size() == 1 ? ends() : new int[0];
    if (!over && within) {
      beginning(ends, number, left);
      return;
    }
    int[] at = over || ends.length > 0 ? ends : blocks();
    if (over || at.length == 0) {
      conclude();
    } else {
      CompletableFuture<Void> _ = probed(at, left).thenAccept(states -> {
        take(at, states);
        round(number + 1);
      });
    }
  }

  /** {@return ends of groups to look at: evenly in what is open} */
  private int[] ends() {
    int from = groups.endsBefore(low + 1);
    int open = groups.endsBefore(high) - from;
    return groups.size() == 1
        ? withFirst(evenly(low, open))
        : evenly(from - 1, open).map(groups::end).toArray();
  }

  /** {@return blocks to look at in the group after what is there} */
  private int[] blocks() {
    long now = System.nanoTime();
    int end = Math.min(high, groups.endOf(low + 1));
    for (int i = low + 1; i < end; i++) {
      if (recall(i, now) == State.ABSENT) {
        take(i, State.ABSENT);
        end = i;
      }
    }
    return withFirst(evenly(low, end - low - 1));
  }

  private IntStream evenly(int before, int open) {
    int count = Math.min(finder.probes(), Math.max(0, open));
    return IntStream.rangeClosed(1, count)
        .map(i -> before + (int) Math.ceilDiv((long) open * i, count));
  }

  /** {@return the first block, if nothing is known of it, and then the others} */
  private int[] withFirst(IntStream blocks) {
    IntStream first = !firstKnown && high > 0 ? IntStream.of(0) : IntStream.empty();
    return IntStream.concat(first, blocks.filter(block -> block > 0)).toArray();
  }

  /**
   * The first block may be in an object of its own, or in that of its group, which the header of
   * this tells; the other groups are looked at meanwhile.
   */
  private void beginning(int[] ends, int number, Duration left) {
    int end = groups.endOf(0);
    int[] others = IntStream.of(ends).filter(each -> each > end).toArray();
    CompletableFuture<State> own = probe(0, left);
    CompletableFuture<State[]> group = opened(end, left);
    CompletableFuture<State[]> rest = probed(others, left);
    CompletableFuture<State> first = own.thenCombine(group, (mine, its) -> {
      boolean there = mine == State.PRESENT || its[0] == State.PRESENT;
      if (!there) {
        tell(0);
      }
      return there ? State.PRESENT : State.ABSENT;
    });
    CompletableFuture<Void> _ = CompletableFuture.allOf(first, rest).thenRun(() -> {
      take(0, first.join());
      take(end, group.join()[1]);
      if (group.join()[1] == State.PRESENT) {
        take(others, rest.join());
      }
      round(number + 1);
    });
  }

  /** {@return whether the first block is in the object that a block names, and this is there} */
  private CompletableFuture<State[]> opened(int end, Duration left) {
    long keyHigh = groups.high(end);
    long keyLow = groups.low(end);
    CompletionStage<State[]> read = context.headers()
        .read(
            context, keyHigh, keyLow, groups.size(), left,
            each -> CompletableFuture.completedStage(opened(each.header())));
    return read.exceptionally(error -> {
      Kind kind = Loading.failure(error).kind();
      boolean none = kind == Kind.MISSING || kind == Kind.MISFIT;
      State state = none ? State.ABSENT : State.UNKNOWN;
      if (none) {
        presence.absent(keyHigh, keyLow, System.nanoTime());
      }
      return new State[] {state, state};
    }).toCompletableFuture();
  }

  private State[] opened(ObjectHeader header) {
    long now = System.nanoTime();
    for (int i = 0; i < header.blocks(); i++) {
      presence.present(header.keyHigh(i), header.keyLow(i), now);
    }
    boolean first = header.find(groups.high(0), groups.low(0)) >= 0;
    return new State[] {first ? State.PRESENT : State.ABSENT, State.PRESENT};
  }

  private CompletableFuture<State[]> probed(int[] at, Duration left) {
    List<CompletableFuture<State>> answers = new ArrayList<>(at.length);
    for (int block : at) {
      CompletableFuture<State> answer = probe(block, left);
      answers.add(block > 0 ? answer : answer.thenApply(this::first));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(_ -> answers.stream().map(CompletableFuture::join).toArray(State[]::new));
  }

  /** Without the first block nobody waits for what is known of the others. */
  private State first(State state) {
    if (state != State.PRESENT) {
      tell(0);
    }
    return state;
  }

  private CompletableFuture<State> probe(int block, Duration left) {
    return finder.size(groups.high(block), groups.low(block), left)
        .handle((size, failure) -> failure == null ? state(block, size) : State.UNKNOWN);
  }

  private State state(int block, OptionalLong size) {
    long keyHigh = groups.high(block);
    long keyLow = groups.low(block);
    long now = System.nanoTime();
    if (size.isEmpty()) {
      presence.absent(keyHigh, keyLow, now);
      return State.ABSENT;
    }
    presence.present(keyHigh, keyLow, now);
    if (groups.size() > 1 && alone(block, size.getAsLong())) {
      context.whereabouts().assume(keyHigh, keyLow, Place.alone(keyHigh, keyLow, false));
    }
    return State.PRESENT;
  }

  /** What has a name of its own though no group ends with it is alone; else its length tells. */
  private boolean alone(int block, long bytes) {
    long one = context.shape().headerBytes(1) + context.packing().bound();
    return groups.endOf(block) != block || bytes == one;
  }

  private void conclude() {
    int blocks = firstKnown ? Math.min(low + 1, high) : 0;
    if (groups.size() > 1) {
      groups.assume(blocks, context.whereabouts());
    }
    tell(blocks);
  }

  private void tell(int blocks) {
    if (told.compareAndSet(false, true)) {
      found.accept(blocks);
    }
  }
}
