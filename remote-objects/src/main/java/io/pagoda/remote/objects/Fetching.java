package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Whereabouts.Place;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * An object of which blocks are being loaded. It is taken to hold as many blocks as are thought, as
 * they are: header and blocks then come together, straight into their memory. If it is another one,
 * its header is read, and then what that tells of.
 *
 * <p><b>Threads.</b> Any; one at a time.
 */
final class Fetching {
  /**
   * A block that is to be loaded.
   *
   * @param block its position in the batch
   * @param at its position in the object
   */
  record Wanted(int block, int at) {}

  private static final String WRONG = "its bytes are not those that were stored";

  private final Loading loading;
  private final Context context;
  private final BlockBatch batch;
  private final Place object;
  private final String name;
  private final List<Integer> open;
  private int arrived;
  private boolean again;

  /**
   * Describes what is wanted.
   *
   * @param object the object, as it is thought to be
   * @param blocks positions of the blocks in the batch
   */
  Fetching(Loading loading, Place object, List<Integer> blocks) {
    this.loading = loading;
    this.context = loading.context();
    this.batch = loading.batch();
    this.object = object;
    this.name = context.names().of(object.high(), object.low());
    this.open = new ArrayList<>(blocks);
  }

  /** {@return completes when every block has come or has not, and nothing touches their memory} */
  CompletableFuture<Void> start() {
    return begun(this::read).exceptionally(error -> {
      ObjectFailure failure = Loading.failure(error);
      open.forEach(block -> loading.missed(block, failure));
      return null;
    }).thenRun(() -> {
      context.tally().objectsLoaded.add(Math.min(1, arrived));
      context.tally().blocksLoaded.add(arrived);
    }).toCompletableFuture();
  }

  /** {@return a stage that fails where what begins it throws: a batch that ends nowhere hangs} */
  static CompletionStage<Void> begun(Supplier<CompletionStage<Void>> first) {
    return CompletableFuture.<Void>completedStage(null).thenCompose(_ -> first.get());
  }

  /** Others may have stored it in another way, or with more blocks or fewer. */
  private CompletionStage<Void> read() {
    boolean alone = object.blocks() == 1;
    if (!context.packing().none()) {
      return alone ? lone() : described();
    }
    return straight().exceptionallyCompose(error -> {
      ObjectFailure failure = Loading.failure(error);
      return switch (failure.kind()) {
        case MISFIT -> alone ? lone() : described();
        case REFUSED -> alone ? CompletableFuture.failedStage(failure) : described();
        default -> CompletableFuture.failedStage(failure);
      };
    });
  }

  /** Reads header and blocks together. */
  private CompletionStage<Void> straight() {
    int blocks = object.blocks();
    MemorySegment lent = context.headers().take(blocks);
    MemorySegment memory = lent.asSlice(0, context.shape().headerBytes(blocks));
    List<Wanted> wanted = thought();
    List<Stretch> stretches = new ArrayList<>();
    stretches.add(new Stretch(0, List.of(memory)));
    for (List<Wanted> run : runs(wanted)) {
      join(stretches, new Stretch(context.shape().plainAt(blocks, run.getFirst().at), of(run)));
    }
    return Reading.stretches(context, name, stretches, context.shape().plainBytes(blocks))
        .thenCompose(_ -> verified(new ObjectHeader(memory, context.shape()), wanted))
        .whenComplete((_, _) -> context.headers().give(lent));
  }

  /** What follows the header comes with it. */
  private static void join(List<Stretch> stretches, Stretch stretch) {
    Stretch last = stretches.getLast();
    if (last.first() + last.bytes() == stretch.first()) {
      List<MemorySegment> both = new ArrayList<>(last.memory());
      both.addAll(stretch.memory());
      stretches.set(stretches.size() - 1, new Stretch(last.first(), both));
    } else {
      stretches.add(stretch);
    }
  }

  /** {@return the blocks where they are thought to be, in the order of the object} */
  private List<Wanted> thought() {
    return open.stream()
        .map(block -> new Wanted(block, object.blocks() - 1 - back(block)))
        .sorted(Comparator.comparingInt(Wanted::at))
        .toList();
  }

  private int back(int block) {
    Place place = context.place(batch.keyHigh(block), batch.keyLow(block));
    boolean here = place.in(object.high(), object.low()) && place.blocks() == object.blocks();
    return here ? place.back() : 0;
  }

  /** Cuts blocks into runs that lie one after the other in the object. */
  private static List<List<Wanted>> runs(List<Wanted> wanted) {
    List<List<Wanted>> runs = new ArrayList<>();
    for (Wanted each : wanted) {
      if (runs.isEmpty() || runs.getLast().getLast().at + 1 != each.at) {
        runs.add(new ArrayList<>());
      }
      runs.getLast().add(each);
    }
    return runs;
  }

  private List<MemorySegment> of(List<Wanted> run) {
    return run.stream().map(each -> memory(each.block)).toList();
  }

  private CompletionStage<Void> verified(ObjectHeader header, List<Wanted> wanted) {
    String wrong = header.wrong(object.high(), object.low());
    if (!wrong.isEmpty()) {
      return again(wrong);
    }
    context.learn(header);
    boolean fine = true;
    for (Wanted each : wanted) {
      if (names(header, each) && header.plain(each.at)) {
        fine &= agreed(header, each);
      }
    }
    if (open.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    return fine ? described() : again(WRONG);
  }

  private boolean names(ObjectHeader header, Wanted wanted) {
    return header.names(wanted.at, batch.keyHigh(wanted.block), batch.keyLow(wanted.block));
  }

  private boolean agreed(ObjectHeader header, Wanted wanted) {
    boolean agreed = header.agrees(wanted.at, memory(wanted.block));
    if (agreed) {
      arrived(wanted.block, header.checksums(wanted.at));
    }
    return agreed;
  }

  /** Reads the header, and then the blocks where it says that they are. */
  CompletionStage<Void> described() {
    return context.headers()
        .<Void>read(
            context, object.high(), object.low(), object.blocks(),
            context.requests().patience.deadline(), read -> described(read.header()))
        .exceptionallyCompose(this::misfit);
  }

  private CompletionStage<Void> described(ObjectHeader header) {
    List<Wanted> plain = new ArrayList<>();
    List<Wanted> packed = new ArrayList<>();
    for (Wanted each : present(header)) {
      (header.plain(each.at) ? plain : packed).add(each);
    }
    List<Stretch> stretches = runs(plain).stream()
        .map(run -> new Stretch(header.keptAt(run.getFirst().at), of(run)))
        .toList();
    CompletableFuture<Void> plains =
        Reading.stretches(context, name, stretches, header.objectBytes());
    CompletionStage<Void> packs = CompletableFuture.completedStage(null);
    for (List<Wanted> run : runs(packed)) {
      packs = packs.thenCompose(_ -> new Unpacking(this, header, run).start());
    }
    return CompletableFuture.allOf(plains, packs.toCompletableFuture()).thenCompose(_ -> {
      plain.forEach(each -> agreed(header, each));
      return open.isEmpty() ? CompletableFuture.completedStage(null) : again(WRONG);
    });
  }

  /** {@return the open blocks that the object has, in its order; the others are missed} */
  private List<Wanted> present(ObjectHeader header) {
    List<Wanted> present = new ArrayList<>();
    for (int block : List.copyOf(open)) {
      int at = header.find(batch.keyHigh(block), batch.keyLow(block));
      if (at >= 0) {
        present.add(new Wanted(block, at));
      } else {
        open.removeIf(each -> each == block);
        loading.missed(
            block, new ObjectFailure(Kind.MISSING, name + " does not have the block", null));
      }
    }
    present.sort(Comparator.comparingInt(Wanted::at));
    return present;
  }

  private CompletionStage<Void> lone() {
    return new Lone(this, open.getFirst()).start().exceptionallyCompose(this::misfit);
  }

  private CompletionStage<Void> misfit(Throwable error) {
    ObjectFailure failure = Loading.failure(error);
    return failure.kind() == Kind.MISFIT
        ? again(String.valueOf(failure.getMessage()))
        : CompletableFuture.failedStage(failure);
  }

  /** What is wrong may have gone wrong on its way: once it is read again. */
  private CompletionStage<Void> again(String wrong) {
    if (!again) {
      again = true;
      return read();
    }
    open.forEach(block -> context.reject(batch.keyHigh(block), batch.keyLow(block)));
    return CompletableFuture.failedStage(
        new ObjectFailure(
            Kind.MISSING,
            "GET %s: it came twice, and %s; it will be stored anew".formatted(name, wrong), null));
  }

  Context context() {
    return context;
  }

  String name() {
    return name;
  }

  /** {@return what is verified with a block that is encrypted} */
  byte[] about(int block) {
    return context.about(batch.keyHigh(block), batch.keyLow(block));
  }

  /** {@return where a block goes} */
  MemorySegment memory(int block) {
    return batch.memory(block);
  }

  /** {@return why a header is not that of this object; empty if it is} */
  String wrong(ObjectHeader header) {
    return header.wrong(object.high(), object.low());
  }

  /** Notes that a block has come as it was stored. */
  void arrived(int block, int[] checksums) {
    open.removeIf(each -> each == block);
    arrived++;
    loading.arrived(block, checksums);
  }
}
