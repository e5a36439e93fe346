package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Reads objects whose length is known, or stretches of them: each in one request, or a large one in
 * several at once.
 *
 * <p><b>Threads.</b> Any.
 */
final class Reading {
  private Reading() {}

  /**
   * Reads stretches of an object, all at once.
   *
   * @param stretches what to read, and into which native memory
   * @param total bytes of the whole object
   * @return completes when nothing touches the memory any more, whether all has come or not
   */
  static CompletableFuture<Void> stretches(
      Context context, String name, List<Stretch> stretches, long total) {
    var parts = context.settings().parts();
    List<Reader> readers = stretches.stream()
        .flatMap(
            each -> each.bytes() <= parts.readFrom()
                ? Stream.of(each)
                : each.cut(parts.bytes()).stream())
        .map(stretch -> reader(context, name, stretch, total))
        .toList();
    return CompletableFuture
        .allOf(readers.stream().map(context.requests()::run).toArray(CompletableFuture[]::new))
        .thenRun(() -> checkAlike(name, readers));
  }

  private static Reader reader(Context context, String name, Stretch stretch, long total) {
    return new Reader(
        context.bucket(), context.tally(), name, stretch.first(), stretch.memory(), total);
  }

  /** Stretches of different objects, since one was replaced meanwhile, make none. */
  private static void checkAlike(String name, List<Reader> readers) {
    if (readers.stream().map(Reader::tag).distinct().count() > 1) {
      throw new ObjectFailure(
          Kind.TRANSIENT, "GET " + name + ": it was replaced while it was read", null);
    }
  }
}
