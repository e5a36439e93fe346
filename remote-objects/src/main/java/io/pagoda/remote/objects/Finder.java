package io.pagoda.remote.objects;

import io.pagoda.remote.objects.Presence.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Finds out how much of a prefix is there: a few rounds of probes that go out together. The probes
 * of a round stand evenly spaced in what is still open, so that {@code p} probes in {@code r}
 * rounds find the end among p<sup>r</sup> blocks; of longer prefixes a little less is found than is
 * there. The first block is always looked at, since nothing is worth anything without it.
 *
 * <p><b>Threads.</b> Any.
 */
final class Finder {
  /** How often is waited for answers. */
  static final int ROUNDS = 3;

  private final Context context;
  private final Requests requests;
  private final Presence presence;
  private final Duration deadline;
  private final int probes;

  Finder(Context context) {
    this.context = context;
    this.requests = context.requests();
    this.presence = context.presence();
    this.probes = context.settings().lookUp().probes();
    this.deadline = context.settings().lookUp().deadline();
  }

  void find(long[] keys, IntConsumer found) {
    requests.tally.looked.add(keys.length / 2);
    var search = new Search(keys, found);
    search.recall();
    search.round(1);
  }

  private CompletableFuture<OptionalLong> look(String name, Duration left) {
    return requests
        .run(new Ask<>("HEAD " + name, true, one -> context.bucket().size(name, one)), left);
  }

  /** The search for the end of one prefix: the blocks up to low are there, that at high is not. */
  private final class Search {
    private final long[] keys;
    private final IntConsumer found;
    private final long deadlineAt = System.nanoTime() + deadline.toNanos();
    private final AtomicBoolean told = new AtomicBoolean();
    private int low = -1;
    private int high;
    private boolean firstKnown;

    Search(long[] keys, IntConsumer found) {
      this.keys = keys;
      this.found = found;
      this.high = keys.length / 2;
    }

    /** Begins with what is known already. */
    void recall() {
      long now = System.nanoTime();
      for (int i = 0; i < high; i++) {
        State state = recall(i, now);
        if (state != State.UNKNOWN) {
          requests.tally.cached.increment();
          take(i, state);
        }
      }
    }

    private State recall(int index, long now) {
      long keyHigh = keys[2 * index];
      long keyLow = keys[2 * index + 1];
      return context.isRejected(keyHigh, keyLow) ? State.ABSENT : presence.of(keyHigh, keyLow, now);
    }

    private void take(int index, State state) {
      if (index == 0) {
        firstKnown = true;
      }
      if (state == State.PRESENT) {
        low = Math.max(low, index);
      } else {
        high = Math.min(high, index);
      }
    }

    void round(int number) {
      int[] at = probesAt();
      long left = deadlineAt - System.nanoTime();
      if (at.length == 0 || number > ROUNDS || left <= 0) {
        tell(firstKnown ? Math.min(low + 1, high) : 0);
        return;
      }
      State[] states = new State[at.length];
      List<CompletableFuture<?>> answers = new ArrayList<>(at.length);
      for (int i = 0; i < at.length; i++) {
        answers.add(probe(at[i], i, states, Duration.ofNanos(left)));
      }
      CompletableFuture<?> _ = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
          .whenComplete((_, _) -> conclude(at, states, number));
    }

    /** {@return where to look next: the first block if need be, then evenly in what is open} */
    private int[] probesAt() {
      int open = high - low - 1;
      int count = Math.min(probes, Math.max(0, open));
      var at = new ArrayList<Integer>(count + 1);
      if (!firstKnown && high > 0) {
        at.add(0);
      }
      for (long i = 1; i <= count; i++) {
        int next = low + (int) Math.ceilDiv(open * i, count);
        if (next > 0) {
          at.add(next);
        }
      }
      return at.stream().mapToInt(Integer::intValue).toArray();
    }

    private CompletableFuture<?> probe(int block, int place, State[] states, Duration left) {
      long keyHigh = keys[2 * block];
      long keyLow = keys[2 * block + 1];
      return look(context.names().of(keyHigh, keyLow), left).handle((size, failure) -> {
        states[place] = state(keyHigh, keyLow, size, failure);
        if (block == 0 && states[place] != State.PRESENT) {
          tell(0);
        }
        return null;
      });
    }

    private State state(long keyHigh, long keyLow, OptionalLong size, Throwable failure) {
      long now = System.nanoTime();
      if (failure != null) {
        return State.UNKNOWN;
      }
      if (size.isPresent()) {
        presence.present(keyHigh, keyLow, now);
        return State.PRESENT;
      }
      presence.absent(keyHigh, keyLow, now);
      return State.ABSENT;
    }

    /** Nothing counts after the first block that is not there, or that nobody knows of. */
    private void conclude(int[] at, State[] states, int number) {
      for (int i = 0; i < at.length; i++) {
        take(at[i], states[i]);
        if (states[i] != State.PRESENT) {
          break;
        }
      }
      round(number + 1);
    }

    private void tell(int blocks) {
      if (told.compareAndSet(false, true)) {
        found.accept(blocks);
      }
    }
  }
}
