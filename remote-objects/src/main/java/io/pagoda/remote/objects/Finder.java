package io.pagoda.remote.objects;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
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
  private final Duration deadline;

  Finder(Context context) {
    this.context = context;
    this.requests = context.requests();
    this.deadline = context.settings().lookUp().deadline();
  }

  /**
   * Looks blocks up.
   *
   * @param depth how many blocks of the prefix come before them
   */
  void find(long[] keys, int depth, IntConsumer found) {
    requests.tally.looked.add(keys.length / 2);
    new Search(this, new Groups(keys, depth, context.group()), found).start();
  }

  Context context() {
    return context;
  }

  int probes() {
    return context.settings().lookUp().probes();
  }

  long deadlineNs() {
    return deadline.toNanos();
  }

  /** {@return the length of the object that a block names, or nothing if there is none} */
  CompletableFuture<OptionalLong> size(long high, long low, Duration left) {
    String name = context.names().of(high, low);
    return requests
        .run(new Ask<>("HEAD " + name, true, one -> context.bucket().size(name, one)), left);
  }
}
