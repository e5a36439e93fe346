package io.pagoda.remote.objects;

import io.pagoda.remote.objects.Fetching.Wanted;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Blocks that lie one after the other in an object, compressed or encrypted, and are being read:
 * as many together as there is memory for what is kept of them.
 *
 * <p><b>Threads.</b> Any; one at a time.
 */
final class Unpacking {
  private final Fetching fetching;
  private final Context context;
  private final ObjectHeader header;
  private final List<Wanted> run;

  /**
   * Describes them.
   *
   * @param run in the order of the object
   */
  Unpacking(Fetching fetching, ObjectHeader header, List<Wanted> run) {
    this.fetching = fetching;
    this.context = fetching.context();
    this.header = header;
    this.run = run;
  }

  /** Reads them; those that are not what they should be have not arrived when it completes. */
  CompletionStage<Void> start() {
    return CompletableFuture
        .supplyAsync(() -> context.packing().take(1, run.size()), context.requests()::execute)
        .thenCompose(
            memory -> read(memory).whenComplete((_, _) -> context.packing().give(memory))
                .thenCompose(_ -> rest(memory.size())));
  }

  private CompletionStage<Void> rest(int from) {
    return from < run.size()
        ? new Unpacking(fetching, header, run.subList(from, run.size())).start()
        : CompletableFuture.completedStage(null);
  }

  private CompletionStage<Void> read(List<MemorySegment> memory) {
    List<MemorySegment> kept = new ArrayList<>(memory.size());
    for (int i = 0; i < memory.size(); i++) {
      kept.add(memory.get(i).asSlice(0, header.keptBytes(run.get(i).at())));
    }
    var stretch = new Stretch(header.keptAt(run.getFirst().at()), kept);
    return Reading.stretches(context, fetching.name(), List.of(stretch), header.objectBytes())
        .thenRun(() -> unpack(kept));
  }

  private void unpack(List<MemorySegment> kept) {
    for (int i = 0; i < kept.size(); i++) {
      unpack(run.get(i), kept.get(i));
    }
  }

  private void unpack(Wanted one, MemorySegment kept) {
    boolean fine = header.agrees(one.at(), kept)
        && context.packing()
            .unpack(
                header, one.at(), kept, fetching.about(one.block()), fetching.memory(one.block()));
    if (fine) {
      fetching.arrived(one.block(), header.checksums(one.at()));
    }
  }
}
