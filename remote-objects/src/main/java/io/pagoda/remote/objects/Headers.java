package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Memory for the headers of objects, and how headers are read by themselves.
 *
 * <p><b>Threads.</b> Any.
 */
final class Headers implements AutoCloseable {
  private final ObjectShape shape;
  private final Scratch scratch;

  /**
   * Begins with none.
   *
   * @param blocks how many blocks those objects have whose headers have memory that is used again
   */
  Headers(ObjectShape shape, int blocks) {
    this.shape = shape;
    this.scratch = new Scratch(shape.headerBytes(blocks));
  }

  /** Lends memory for the header of an object of so many blocks, or more of it. */
  MemorySegment take(int blocks) {
    long bytes = shape.headerBytes(blocks);
    return bytes <= scratch.bytes() ? scratch.take() : Arena.ofAuto().allocate(bytes, 64);
  }

  /** Takes memory back that was lent. */
  void give(MemorySegment memory) {
    if (memory.byteSize() == scratch.bytes()) {
      scratch.give(memory);
    }
  }

  /**
   * Reads the header of an object, and lets it be used until the stage ends that this leads to. It
   * is one of an object of this name and shape; otherwise the stage fails with {@link
   * Kind#MISFIT}.
   *
   * @param high upper half of the key that the object is named by
   * @param low lower half of it
   * @param blocks how many blocks it is expected to have; it may have others
   */
  <T> CompletionStage<T> read(
      Context context, long high, long low, int blocks, Duration limit,
      Function<Read, CompletionStage<T>> use) {
    MemorySegment memory = take(blocks);
    String name = context.names().of(high, low);
    var reader = new Reader(
        context.bucket(), context.tally(), name, 0,
        List.of(memory.asSlice(0, shape.headerBytes(blocks))), Intake.UNKNOWN);
    return context.requests().run(reader, limit).thenCompose(_ -> {
      var header = new ObjectHeader(memory.asSlice(0, reader.bytes()), shape);
      // One that has as many blocks as were expected, and is cut, will not get longer.
      if (header.cut() && header.blocks() > blocks) {
        return read(context, high, low, header.blocks(), limit, use);
      }
      String wrong = header.wrong(high, low);
      if (!wrong.isEmpty()) {
        return CompletableFuture.<T>failedStage(new ObjectFailure(Kind.MISFIT, wrong, null));
      }
      context.learn(header);
      return use.apply(new Read(header, reader.tag()));
    }).whenComplete((_, _) -> give(memory));
  }

  /**
   * A header that was read.
   *
   * @param header of the object
   * @param tag of the object
   */
  record Read(ObjectHeader header, String tag) {}

  @Override
  public void close() {
    scratch.close();
  }
}
