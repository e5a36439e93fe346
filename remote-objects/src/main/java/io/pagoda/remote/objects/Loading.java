package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed.Sealing;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A batch that is being loaded, an object for each block.
 *
 * <p><b>Threads.</b> Any.
 */
final class Loading {
  private final Context context;
  private final BlockBatch batch;
  private final Sealing sealing;
  private final Joint joint;

  Loading(Context context, BlockBatch batch, Sealing sealing, Completion completion) {
    this.context = context;
    this.batch = batch;
    this.sealing = sealing;
    this.joint = new Joint(batch.size(), batch.size(), completion);
  }

  /** Starts every block. */
  void start() {
    for (int i = 0; i < batch.size(); i++) {
      new One(i).start();
    }
  }

  /** One block on its way. */
  private final class One {
    private final int index;
    private final String name;
    private final MemorySegment header = context.headers().take();
    private final MemorySegment payload;
    private boolean again;

    One(int index) {
      this.index = index;
      this.name = context.names().of(batch.keyHigh(index), batch.keyLow(index));
      this.payload = batch.memory(index);
    }

    void start() {
      read().whenComplete((_, error) -> end(error));
    }

    /** Others may have stored it in another way: then it has another length. */
    private CompletionStage<Void> read() {
      if (!context.packing().none()) {
        return packed();
      }
      var straight = Reading.whole(context, name, List.of(header, payload));
      return straight.handle((_, error) -> {
        if (error == null) {
          return verified();
        }
        ObjectFailure failure = failure(error);
        return failure.kind() == Kind.MISFIT
            ? packed()
            : CompletableFuture.<Void>failedStage(failure);
      }).thenCompose(stage -> stage);
    }

    private CompletionStage<Void> packed() {
      var stage = new CompletableFuture<Void>();
      context.requests().execute(() -> {
        MemorySegment kept = context.packing().take();
        var reader = new Reader(
            context.bucket(), context.tally(), name, 0, List.of(header, kept), Intake.UNKNOWN);
        CompletionStage<Void> _ = context.requests()
            .run(reader)
            .thenCompose(_ -> unpacked(kept, reader.bytes()))
            .whenComplete((_, error) -> {
              context.packing().give(kept);
              if (error == null) {
                stage.complete(null);
              } else {
                stage.completeExceptionally(error);
              }
            });
      });
      return stage.handle((_, error) -> {
        if (error == null) {
          return CompletableFuture.<Void>completedStage(null);
        }
        ObjectFailure failure = failure(error);
        return failure.kind() == Kind.MISFIT
            ? again(String.valueOf(failure.getMessage()))
            : CompletableFuture.<Void>failedStage(failure);
      }).thenCompose(ended -> ended);
    }

    private CompletionStage<Void> unpacked(MemorySegment memory, long bytes) {
      var head = new ObjectHeader(header, context.shape());
      String wrong = wrong(head);
      if (wrong.isEmpty() && head.headerBytes() + head.keptBytes(0) != bytes) {
        wrong = "it has another length than it says";
      }
      if (wrong.isEmpty()) {
        MemorySegment kept = memory.asSlice(0, head.keptBytes(0));
        byte[] about = context.about(batch.keyHigh(index), batch.keyLow(index));
        boolean fine = head.agrees(0, kept) && context.packing().unpack(head, kept, about, payload);
        wrong = fine ? "" : "its bytes are not those that were stored";
      }
      if (!wrong.isEmpty()) {
        return CompletableFuture.failedStage(new ObjectFailure(Kind.MISFIT, wrong, null));
      }
      seal(head.checksums(0));
      return CompletableFuture.completedStage(null);
    }

    private String wrong(ObjectHeader head) {
      return head.wrong()
          .orElseGet(
              () -> head.names(0, batch.keyHigh(index), batch.keyLow(index))
                  ? ""
                  : "it is of another block");
    }

    /** What is wrong may have gone wrong on its way: once it is read again. */
    private CompletionStage<Void> verified() {
      var head = new ObjectHeader(header, context.shape());
      String wrong = wrong(head);
      if (wrong.isEmpty() && !head.plain(0)) {
        return packed();
      }
      if (wrong.isEmpty() && !head.agrees(0, payload)) {
        wrong = "its bytes are not those that were stored";
      }
      if (!wrong.isEmpty()) {
        return again(wrong);
      }
      seal(head.checksums(0));
      return CompletableFuture.completedStage(null);
    }

    private CompletionStage<Void> again(String wrong) {
      if (!again) {
        again = true;
        return read();
      }
      context.reject(batch.keyHigh(index), batch.keyLow(index));
      return CompletableFuture.failedStage(
          new ObjectFailure(
              Kind.MISSING,
              "GET %s: it came twice, and %s; it will be stored anew".formatted(name, wrong),
              null));
    }

    private void seal(int[] checksums) {
      synchronized (joint) {
        sealing.sealed(index, checksums, 0);
      }
    }

    private void end(Throwable error) {
      context.headers().give(header);
      if (error != null) {
        ObjectFailure failure = failure(error);
        learn(failure);
        joint.missed(index, index + 1, failure);
      } else {
        context.presence().present(batch.keyHigh(index), batch.keyLow(index), System.nanoTime());
      }
      joint.ended();
    }

    private void learn(ObjectFailure failure) {
      if (failure.kind() == Kind.MISSING) {
        context.presence().absent(batch.keyHigh(index), batch.keyLow(index), System.nanoTime());
      }
    }
  }

  /** {@return the failure of a request} */
  static ObjectFailure failure(Throwable error) {
    Throwable cause = ObjectFailure.beneath(error);
    return cause instanceof ObjectFailure known
        ? known
        : new ObjectFailure(Kind.TRANSIENT, "A request failed: " + cause, cause);
  }
}
