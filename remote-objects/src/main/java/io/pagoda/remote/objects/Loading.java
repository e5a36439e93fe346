package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Whereabouts.Place;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed.Sealing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A batch that is being loaded: what is in one object together. A block that is not where it was
 * thought to be is looked for where the objects that were read say it is, and then by its own name.
 *
 * <p><b>Threads.</b> Any.
 */
final class Loading {
  /** How often blocks are looked for: where they should be, were seen, and by their own names. */
  private static final int ROUNDS = 3;

  private final Context context;
  private final BlockBatch batch;
  private final Sealing sealing;
  private final Joint joint;
  private final @Nullable ObjectFailure[] failures;
  private final List<List<Place>> tried;

  private Loading(Context context, BlockBatch batch, Sealing sealing, Completion completion) {
    this.context = context;
    this.batch = batch;
    this.sealing = sealing;
    this.joint = new Joint(batch.size(), 1, completion);
    this.failures = new ObjectFailure[batch.size()];
    this.tried =
        IntStream.range(0, batch.size()).<List<Place>>mapToObj(_ -> new ArrayList<>(1)).toList();
  }

  /** Starts a batch. */
  static void start(Context context, BlockBatch batch, Sealing sealing, Completion completion) {
    var loading = new Loading(context, batch, sealing, completion);
    Map<Integer, Place> places = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      places.put(i, context.place(batch.keyHigh(i), batch.keyLow(i)));
    }
    loading.round(places, 1);
  }

  private void round(Map<Integer, Place> places, int number) {
    Map<Place, List<Integer>> objects = new LinkedHashMap<>();
    places.forEach((block, place) -> {
      tried.get(block).add(place);
      var object = new Place(place.high(), place.low(), 0, place.blocks(), false);
      objects.computeIfAbsent(object, _ -> new ArrayList<>()).add(block);
    });
    CompletableFuture<?>[] parts = objects.entrySet()
        .stream()
        .map(each -> new Fetching(this, each.getKey(), each.getValue()).start())
        .toArray(CompletableFuture[]::new);
    CompletableFuture<Void> _ =
        CompletableFuture.allOf(parts).whenComplete((_, _) -> next(places, number));
  }

  private void next(Map<Integer, Place> places, int number) {
    Map<Integer, Place> again = new LinkedHashMap<>();
    if (number < ROUNDS) {
      for (int block : places.keySet()) {
        Place place = elsewhere(block);
        if (place != null) {
          again.put(block, place);
        }
      }
    }
    if (again.isEmpty()) {
      end();
    } else {
      round(again, number + 1);
    }
  }

  /** {@return where a block may be that was not where it was looked for, or null} */
  private @Nullable Place elsewhere(int block) {
    ObjectFailure failure = failure(block);
    if (failure == null || failure.kind() != Kind.MISSING) {
      return null;
    }
    long high = batch.keyHigh(block);
    long low = batch.keyLow(block);
    Place known = context.place(high, low);
    Place own = Place.alone(high, low, false);
    if (!isTried(block, known)) {
      return known;
    }
    return isTried(block, own) ? null : own;
  }

  private boolean isTried(int block, Place place) {
    return tried.get(block).stream().anyMatch(each -> each.in(place.high(), place.low()));
  }

  private synchronized @Nullable ObjectFailure failure(int block) {
    return failures[block];
  }

  private void end() {
    for (int i = 0; i < batch.size(); i++) {
      end(i, failure(i));
    }
    joint.ended();
  }

  private void end(int block, @Nullable ObjectFailure failure) {
    long high = batch.keyHigh(block);
    long low = batch.keyLow(block);
    if (failure == null) {
      context.presence().present(high, low, System.nanoTime());
      return;
    }
    if (failure.kind() == Kind.MISSING) {
      context.gone(high, low);
    }
    joint.missed(block, block + 1, failure);
  }

  Context context() {
    return context;
  }

  BlockBatch batch() {
    return batch;
  }

  /** Notes that a block has come as it was stored. */
  synchronized void arrived(int block, int[] checksums) {
    failures[block] = null;
    sealing.sealed(block, checksums, 0);
  }

  /** Notes that a block has not come. */
  synchronized void missed(int block, ObjectFailure failure) {
    failures[block] = failure;
  }

  /** {@return the failure of a request} */
  static ObjectFailure failure(Throwable error) {
    Throwable cause = ObjectFailure.beneath(error);
    return cause instanceof ObjectFailure known
        ? known
        : new ObjectFailure(Kind.TRANSIENT, "A request failed: " + cause, cause);
  }
}
