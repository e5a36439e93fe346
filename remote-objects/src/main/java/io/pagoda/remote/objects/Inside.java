package io.pagoda.remote.objects;

import io.pagoda.remote.objects.Bucket.Listed;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Whereabouts.Place;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Which blocks are in objects of which only the names are known.
 *
 * <p><b>Threads.</b> Any.
 */
final class Inside {
  private static final long[] NONE = {};

  private final Context context;

  Inside(Context context) {
    this.context = context;
  }

  /**
   * Finds out which blocks are in an object: by its length, by what is known of it, or by its
   * header.
   *
   * @return two words of the key of each, the last of the prefix first; none if nobody can tell
   */
  CompletableFuture<long[]> of(Listed object) {
    long[] key = context.names().key(object.name()).orElse(NONE);
    return key.length == 0 || isAlone(object, key)
        ? CompletableFuture.completedFuture(key)
        : read(key).toCompletableFuture();
  }

  private boolean isAlone(Listed object, long[] key) {
    Place place = context.place(key[0], key[1]);
    return object.bytes() == context.shape().headerBytes(1) + context.packing().bound()
        || object.bytes() < context.shape().headerBytes(2)
        || (place.sure() && place.blocks() == 1);
  }

  private CompletionStage<long[]> read(long[] key) {
    return context.headers()
        .read(
            context, key[0], key[1], context.group(), context.requests().patience.deadline(),
            read -> CompletableFuture.completedStage(keys(read.header())))
        .exceptionally(error -> {
          // What is no object of blocks, or not there any more, holds none but its own.
          Kind kind = Loading.failure(error).kind();
          return kind == Kind.MISFIT || kind == Kind.MISSING ? key : NONE;
        });
  }

  /** The engine lets go of a block only when it knows of none after it. */
  private static long[] keys(ObjectHeader header) {
    int blocks = header.blocks();
    long[] keys = new long[2 * blocks];
    for (int i = 0; i < blocks; i++) {
      keys[2 * i] = header.keyHigh(blocks - 1 - i);
      keys[2 * i + 1] = header.keyLow(blocks - 1 - i);
    }
    return keys;
  }
}
