package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The object of one block, compressed or encrypted, that is being read in one request, since it is
 * known how long it is at most. If it turns out to have other blocks, too, it is read by its
 * header.
 *
 * <p><b>Threads.</b> Any; one at a time.
 */
final class Lone {
  private final Fetching fetching;
  private final Context context;
  private final int block;

  Lone(Fetching fetching, int block) {
    this.fetching = fetching;
    this.context = fetching.context();
    this.block = block;
  }

  /** Reads it; the stage fails with {@link Kind#MISFIT} if it is not what it should be. */
  CompletionStage<Void> start() {
    return CompletableFuture
        .supplyAsync(() -> context.packing().take(), context.requests()::execute)
        .thenCompose(kept -> read(kept).whenComplete((_, _) -> context.packing().give(kept)))
        .thenCompose(whole -> whole ? done() : fetching.described());
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedStage(null);
  }

  private CompletionStage<Boolean> read(MemorySegment kept) {
    MemorySegment lent = context.headers().take(1);
    MemorySegment header = lent.asSlice(0, context.shape().headerBytes(1));
    var reader = new Reader(
        context.bucket(), context.tally(), fetching.name(), 0, List.of(header, kept),
        Intake.UNKNOWN);
    return context.requests()
        .run(reader)
        .thenApply(_ -> unpacked(header, kept, reader.bytes()))
        .whenComplete((_, _) -> context.headers().give(lent));
  }

  /** {@return whether it was an object of one block} */
  private boolean unpacked(MemorySegment memory, MemorySegment kept, long bytes) {
    MemorySegment come = memory.asSlice(0, Math.min(bytes, memory.byteSize()));
    var header = new ObjectHeader(come, context.shape());
    if (header.cut()) {
      return false;
    }
    String wrong = fetching.wrong(header);
    if (wrong.isEmpty() && header.objectBytes() != bytes) {
      wrong = "it has another length than it says";
    }
    if (wrong.isEmpty() && !unpack(header, kept.asSlice(0, header.keptBytes(0)))) {
      wrong = "its bytes are not those that were stored";
    }
    if (!wrong.isEmpty()) {
      throw new ObjectFailure(Kind.MISFIT, wrong, null);
    }
    context.learn(header);
    fetching.arrived(block, header.checksums(0));
    return true;
  }

  private boolean unpack(ObjectHeader header, MemorySegment kept) {
    return header.agrees(0, kept)
        && context.packing().unpack(header, 0, kept, fetching.about(block), fetching.memory(block));
  }
}
