package io.pagoda.remote.objects;

import io.pagoda.remote.objects.Bucket.Listed;
import io.pagoda.spi.tier.Keyed.Consent;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Keeps the objects of a tier within a number of bytes: the oldest go first, but for those that
 * this store uses. It lists all of them to learn how old what has to go is, and again to delete it,
 * so that it needs no memory for each. An object of several blocks goes if none of them is used.
 *
 * <p><b>Threads.</b> A thread of its own for each round, which waits.
 */
final class Cleaner {
  /** Which share of the capacity is left after cleaning, so that it is not full at once again. */
  private static final double TARGET = 0.95;

  private static final long SPAN_MS = 1000;

  private final Context context;
  private final Consent consent;
  private final long capacity;
  private final Inside inside;
  private volatile boolean stopped;

  Cleaner(Context context, Consent consent, long capacity) {
    this.context = context;
    this.consent = consent;
    this.capacity = capacity;
    this.inside = new Inside(context);
  }

  /** Cleans now and then, until it is stopped. */
  void start() {
    context.requests().execute(this::round);
  }

  void stop() {
    stopped = true;
  }

  private void round() {
    try {
      clean();
    } catch (CompletionException e) {
      Requests.LOG.log(
          Level.WARNING, "{0} was not cleaned, and will be tried again: {1}", context.bucket(),
          e.getMessage());
    }
    if (!stopped) {
      boolean _ =
          context.requests().afterwards(this::start, context.settings().cleanEvery().toNanos());
    }
  }

  /** {@return how many objects were deleted} */
  long clean() {
    Map<Long, Long> bytesByAge = new TreeMap<>();
    new Listing(context).pages(page -> {
      page.forEach(one -> bytesByAge.merge(one.modified() / SPAN_MS, one.bytes(), Long::sum));
      return !stopped;
    });
    long total = bytesByAge.values().stream().mapToLong(Long::longValue).sum();
    return total <= capacity || stopped
        ? 0
        : delete(bytesByAge, total - (long) (capacity * TARGET));
  }

  private long delete(Map<Long, Long> bytesByAge, long excess) {
    long last = 0;
    long sum = 0;
    for (var each : bytesByAge.entrySet()) {
      last = each.getKey();
      sum += each.getValue();
      if (sum >= excess) {
        break;
      }
    }
    long cutoff = last;
    long[] freed = {0, 0};
    new Listing(context).pages(page -> {
      var old = page.stream().filter(one -> one.modified() / SPAN_MS <= cutoff).toList();
      delete(old, excess, freed);
      return freed[0] < excess && !stopped;
    });
    Requests.LOG.log(
        Level.INFO, "{0}: {1} of the oldest objects were deleted, {2} bytes", context.bucket(),
        freed[1], freed[0]);
    return freed[1];
  }

  private void delete(List<Listed> old, long excess, long[] freed) {
    List<Listed> going = new ArrayList<>();
    long sum = 0;
    for (Listed one : old) {
      if (freed[0] + sum < excess && context.names().key(one.name()).isPresent()) {
        going.add(one);
        sum += one.bytes();
      }
    }
    List<Held> allowed = allowed(going);
    if (allowed.isEmpty()) {
      return;
    }
    List<String> names = allowed.stream().map(each -> each.object.name()).toList();
    context.requests()
        .run(
            new Ask<>(
                "To delete %d objects".formatted(names.size()), false,
                one -> context.bucket().delete(names, one)))
        .join();
    freed[0] += allowed.stream().mapToLong(each -> each.object.bytes()).sum();
    freed[1] += allowed.size();
    context.tally().cleaned.add(allowed.stream().mapToInt(Held::blocks).sum());
  }

  /**
   * An object and what is in it.
   *
   * @param object as it was listed
   * @param keys two words of the key of each of its blocks
   */
  private record Held(Listed object, long[] keys) {
    int blocks() {
      return keys.length / 2;
    }
  }

  /** Asks whether objects may go; those of which nobody can tell what is in them stay. */
  private List<Held> allowed(List<Listed> going) {
    List<CompletableFuture<long[]>> asked = going.stream().map(inside::of).toList();
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < going.size(); i++) {
      held.add(new Held(going.get(i), asked.get(i).join()));
    }
    held.removeIf(each -> each.blocks() == 0);
    return held.isEmpty() ? held : consented(held);
  }

  private List<Held> consented(List<Held> held) {
    List<CompletableFuture<BitSet>> refused = held.stream().map(this::refused).toList();
    List<Held> allowed = new ArrayList<>();
    for (int i = 0; i < held.size(); i++) {
      if (refused.get(i).join().isEmpty()) {
        Held each = held.get(i);
        allowed.add(each);
        for (int word = 0; word < each.keys.length; word += 2) {
          context.gone(each.keys[word], each.keys[word + 1]);
        }
      }
    }
    return allowed;
  }

  private CompletableFuture<BitSet> refused(Held object) {
    var answer = new CompletableFuture<BitSet>();
    consent.ask(object.keys, answer::complete);
    return answer;
  }
}
