package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads objects whose length is known: in one request, or a large one in several at once.
 *
 * <p><b>Threads.</b> Any.
 */
final class Reading {
  private Reading() {}

  /**
   * Reads an object.
   *
   * @param into as much native memory as the object has bytes
   */
  static CompletableFuture<Void> whole(Context context, String name, List<MemorySegment> into) {
    long total = into.stream().mapToLong(MemorySegment::byteSize).sum();
    var parts = context.settings().parts();
    if (total <= parts.readFrom()) {
      return context.requests().run(reader(context, name, new Stretch(0, into), total));
    }
    List<Reader> readers = Stretch.cut(into, parts.bytes())
        .stream()
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
