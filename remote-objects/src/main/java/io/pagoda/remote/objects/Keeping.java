package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Presence.State;
import io.pagoda.remote.objects.Whereabouts.Place;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An object on its way into the bucket, unless its blocks are there.
 *
 * <p><b>Threads.</b> Any.
 */
final class Keeping {
  private final Storing storing;
  private final Context context;
  private final BlockBatch batch;
  private final int[] blocks;
  private final long keyHigh;
  private final long keyLow;
  private final String name;
  private boolean anew;
  private @Nullable Writer writer;

  /**
   * Describes the object.
   *
   * @param blocks the positions of its blocks in the batch
   */
  Keeping(Storing storing, int... blocks) {
    this.storing = storing;
    this.context = storing.context();
    this.batch = storing.batch();
    this.blocks = blocks;
    this.keyHigh = batch.keyHigh(blocks[blocks.length - 1]);
    this.keyLow = batch.keyLow(blocks[blocks.length - 1]);
    this.name = context.names().of(keyHigh, keyLow);
    this.anew = IntStream.of(blocks)
        .anyMatch(each -> context.isRejected(batch.keyHigh(each), batch.keyLow(each)));
  }

  /** {@return completes when every block is stored, or the batch was told that it is not} */
  CompletionStage<Void> start() {
    return Fetching.begun(this::keep).exceptionally(error -> {
      IntStream.of(blocks).forEach(each -> missed(each, error));
      return null;
    });
  }

  private void missed(int block, Throwable error) {
    storing.joint().missed(block, block + 1, Loading.failure(error));
  }

  private CompletionStage<Void> keep() {
    if (anew) {
      return write();
    }
    State known = known();
    boolean large = Writing.needed(context, context.shape().plainBytes(blocks.length));
    if (known != State.UNKNOWN || (storing.conditions().hold() && !large)) {
      return known == State.PRESENT ? spared(blocks.length) : write();
    }
    return context.requests()
        .run(new Ask<>("HEAD " + name, false, one -> context.bucket().size(name, one)))
        .thenApply(OptionalLong::isPresent)
        .thenCompose(there -> there ? found() : write());
  }

  /** {@return what is known of the blocks: that all are there, or that the object is not} */
  private State known() {
    long now = System.nanoTime();
    boolean all = IntStream.of(blocks)
        .allMatch(
            each -> context.presence()
                .of(batch.keyHigh(each), batch.keyLow(each), now) == State.PRESENT);
    State last = context.presence().of(keyHigh, keyLow, now);
    if (all) {
      return State.PRESENT;
    }
    return last == State.PRESENT ? State.UNKNOWN : last;
  }

  /** An object of this name holds the last block, and maybe no other of these. */
  private CompletionStage<Void> found() {
    return blocks.length == 1 ? spared(1) : compared(0);
  }

  private CompletionStage<Void> spared(int count) {
    context.tally().spared.add(count);
    IntStream.of(blocks).forEach(this::stored);
    return CompletableFuture.completedStage(null);
  }

  private void stored(int block) {
    context.stored(batch.keyHigh(block), batch.keyLow(block));
  }

  /**
   * Looks which blocks the object of this name holds, and stores the others by themselves.
   *
   * @param own how many of them may have been stored by this
   */
  private CompletionStage<Void> compared(int own) {
    return context.headers()
        .<Void>read(
            context, keyHigh, keyLow, blocks.length, context.requests().patience.deadline(),
            read -> {
              List<CompletionStage<Void>> others = new ArrayList<>();
              int there = 0;
              for (int block : blocks) {
                if (read.header().find(batch.keyHigh(block), batch.keyLow(block)) >= 0) {
                  stored(block);
                  there++;
                } else {
                  others.add(new Keeping(storing, block).start());
                }
              }
              context.tally().spared.add(Math.max(0, there - own));
              return all(others);
            })
        .exceptionallyCompose(this::replaced);
  }

  /** An object that is not what its name says is as good as none. */
  private CompletionStage<Void> replaced(Throwable error) {
    ObjectFailure failure = Loading.failure(error);
    if (failure.kind() != Kind.MISFIT || blocks.length == 1 || anew) {
      return CompletableFuture.failedStage(failure);
    }
    anew = true;
    return write();
  }

  private static CompletionStage<Void> all(List<CompletionStage<Void>> stages) {
    return CompletableFuture.allOf(
        stages.stream()
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture[]::new));
  }

  /** What comes after a refusal may need memory, and none is held any more then. */
  private CompletionStage<Void> write() {
    boolean ifAbsent = !anew && storing.conditions().hold();
    CompletionStage<Void> written =
        context.packing().none() ? write(memory(), noNonce(), ifAbsent) : packed(ifAbsent);
    return written.exceptionallyCompose(error -> refused(ifAbsent, error));
  }

  private List<MemorySegment> memory() {
    return IntStream.of(blocks).mapToObj(batch::memory).toList();
  }

  /** To wait for memory is nothing for the threads of a client. */
  private CompletionStage<Void> packed(boolean ifAbsent) {
    Packing packing = context.packing();
    return CompletableFuture
        .supplyAsync(() -> packing.take(blocks.length, blocks.length), context.requests()::execute)
        .thenCompose(
            memory -> packed(memory, ifAbsent).whenComplete((_, _) -> packing.give(memory)));
  }

  private CompletionStage<Void> packed(List<MemorySegment> memory, boolean ifAbsent) {
    byte[] nonce = context.packing().secret().map(Secret::nonce).orElseGet(Keeping::noNonce);
    try {
      return write(pack(memory, nonce), nonce, ifAbsent);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private static byte[] noNonce() {
    return new byte[Secret.NONCE_BYTES];
  }

  private List<MemorySegment> pack(List<MemorySegment> memory, byte[] nonce) {
    List<MemorySegment> kept = new ArrayList<>(blocks.length);
    for (int i = 0; i < blocks.length; i++) {
      byte[] about = context.about(batch.keyHigh(blocks[i]), batch.keyLow(blocks[i]));
      kept.add(
          context.packing()
              .pack(batch.memory(blocks[i]), memory.get(i), Secret.nonce(nonce, i), about));
    }
    return kept;
  }

  private CompletionStage<Void> write(List<MemorySegment> kept, byte[] nonce, boolean ifAbsent) {
    MemorySegment lent = context.headers().take(blocks.length);
    MemorySegment header = lent.asSlice(0, context.shape().headerBytes(blocks.length));
    describe(new ObjectHeader(header, context.shape()), kept, nonce);
    List<MemorySegment> object = new ArrayList<>(List.of(header));
    object.addAll(kept);
    var order = new Writer(context.bucket(), name, object, ifAbsent);
    writer = order;
    long bytes = new Stretch(0, object).bytes();
    CompletionStage<Void> written = Writing.needed(context, bytes)
        ? new Writing(context, name, object).start(ifAbsent)
        : context.requests().run(order);
    return written.whenComplete((_, _) -> context.headers().give(lent))
        .thenRun(() -> written(bytes));
  }

  private void describe(ObjectHeader header, List<MemorySegment> kept, byte[] nonce) {
    Packing packing = context.packing();
    header.begin(
        blocks.length, packing.kind(), packing.secret().isPresent(), System.currentTimeMillis());
    header.nonce(nonce);
    for (int i = 0; i < blocks.length; i++) {
      int block = blocks[i];
      header.block(i, batch.keyHigh(block), batch.keyLow(block), storing.seals(), block);
      if (context.settings().checksum()) {
        header.kept(i, kept.get(i));
      } else {
        header.kept(i, kept.get(i).byteSize());
      }
    }
    header.end();
  }

  private void written(long bytes) {
    Tally tally = context.tally();
    tally.written.add(bytes);
    tally.objectsStored.increment();
    tally.blocksStored.add(blocks.length);
    for (int i = 0; i < blocks.length; i++) {
      learn(blocks[i], new Place(keyHigh, keyLow, blocks.length - 1 - i, blocks.length, true));
      stored(blocks[i]);
    }
  }

  private void learn(int block, Place place) {
    long high = batch.keyHigh(block);
    long low = batch.keyLow(block);
    if (context.group() > 1 || context.whereabouts().of(high, low) != null) {
      context.whereabouts().put(high, low, place);
    }
  }

  private CompletionStage<Void> refused(boolean ifAbsent, Throwable error) {
    ObjectFailure failure = Loading.failure(error);
    if (failure.kind() == Kind.PRECONDITION) {
      boolean own = writer != null && writer.unanswered();
      return own || blocks.length > 1 ? compared(own ? blocks.length : 0) : spared(1);
    }
    if (failure.kind() == Kind.UNSUPPORTED && ifAbsent && storing.conditions().unsupported()) {
      return keep();
    }
    return CompletableFuture.failedStage(failure);
  }
}
