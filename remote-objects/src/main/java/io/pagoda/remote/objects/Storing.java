package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A batch that is being stored, an object for each block. Where there is one, the block is stored.
 *
 * <p><b>Threads.</b> Any.
 */
final class Storing {
  private final Context context;
  private final Conditions conditions;
  private final BlockBatch batch;
  private final Seals seals;
  private final Joint joint;

  Storing(
      Context context, Conditions conditions, BlockBatch batch, Seals seals,
      Completion completion) {
    this.context = context;
    this.conditions = conditions;
    this.batch = batch;
    this.seals = seals;
    this.joint = new Joint(batch.size(), batch.size(), completion);
  }

  /** Starts every block. */
  void start() {
    for (int i = 0; i < batch.size(); i++) {
      // Checksums, compression and encryption take their time, which is not the caller's.
      context.requests().execute(new One(i)::start);
    }
  }

  /** One block on its way. */
  private final class One {
    private final int index;
    private final long keyHigh;
    private final long keyLow;
    private final String name;
    private final boolean anew;

    One(int index) {
      this.index = index;
      this.keyHigh = batch.keyHigh(index);
      this.keyLow = batch.keyLow(index);
      this.name = context.names().of(keyHigh, keyLow);
      this.anew = context.isRejected(keyHigh, keyLow);
    }

    void start() {
      CompletionStage<Void> _ = present().thenCompose(there -> there ? spared() : write())
          .whenComplete((_, error) -> end(error));
    }

    /** {@return whether it is there already, as far as is known or asked} */
    private CompletionStage<Boolean> present() {
      if (anew) {
        return CompletableFuture.completedStage(false);
      }
      var known = context.presence().of(keyHigh, keyLow, System.nanoTime());
      boolean large = Writing.needed(context, context.shape().plainBytes(1));
      if (known != Presence.State.UNKNOWN || (conditions.hold() && !large)) {
        return CompletableFuture.completedStage(known == Presence.State.PRESENT);
      }
      return look();
    }

    private CompletionStage<Boolean> look() {
      return context.requests()
          .run(new Ask<>("HEAD " + name, false, one -> context.bucket().size(name, one)))
          .thenApply(OptionalLong::isPresent);
    }

    private CompletionStage<Void> spared() {
      context.tally().spared.increment();
      return CompletableFuture.completedStage(null);
    }

    private CompletionStage<Void> write() {
      return context.packing().none()
          ? write(batch.memory(index), new byte[Secret.NONCE_BYTES])
          : packed();
    }

    private CompletionStage<Void> packed() {
      MemorySegment memory = context.packing().take();
      try {
        return packed(memory).whenComplete((_, _) -> context.packing().give(memory));
      } catch (RuntimeException e) {
        context.packing().give(memory);
        throw e;
      }
    }

    private CompletionStage<Void> packed(MemorySegment memory) {
      Packing packing = context.packing();
      byte[] nonce =
          packing.secret().map(Secret::nonce).orElseGet(() -> new byte[Secret.NONCE_BYTES]);
      MemorySegment kept =
          packing.pack(batch.memory(index), memory, nonce, context.about(keyHigh, keyLow));
      return write(kept, nonce);
    }

    private CompletionStage<Void> write(MemorySegment payload, byte[] nonce) {
      MemorySegment header = context.headers().take();
      describe(new ObjectHeader(header, context.shape()), payload, nonce);
      boolean ifAbsent = !anew && conditions.hold();
      List<MemorySegment> object = List.of(header, payload);
      var writer = new Writer(context.bucket(), name, object, ifAbsent);
      long bytes = header.byteSize() + payload.byteSize();
      CompletionStage<Void> written = Writing.needed(context, bytes)
          ? new Writing(context, name, object).start(ifAbsent)
          : context.requests().run(writer);
      return written.whenComplete((_, _) -> context.headers().give(header))
          .thenRun(() -> context.tally().written.add(bytes))
          .exceptionallyCompose(error -> refused(writer, ifAbsent, error));
    }

    private void describe(ObjectHeader header, MemorySegment payload, byte[] nonce) {
      Packing packing = context.packing();
      header.begin(1, packing.kind(), packing.secret().isPresent(), System.currentTimeMillis());
      header.nonce(nonce);
      header.block(0, keyHigh, keyLow, seals, index);
      if (context.settings().checksum()) {
        header.kept(0, payload);
      } else {
        header.kept(0, payload.byteSize());
      }
      header.end();
    }

    private CompletionStage<Void> refused(Writer writer, boolean ifAbsent, Throwable error) {
      var failure = Loading.failure(error);
      Kind kind = failure.kind();
      if (kind == Kind.PRECONDITION) {
        return writer.unanswered() ? verify() : spared();
      }
      if (kind == Kind.UNSUPPORTED && ifAbsent && conditions.unsupported()) {
        return present().thenCompose(there -> there ? spared() : write());
      }
      return CompletableFuture.failedStage(failure);
    }

    /** A response was lost and now there is an object: this one, or another of that name. */
    private CompletionStage<Void> verify() {
      MemorySegment header = context.headers().take();
      var reader =
          new Reader(context.bucket(), context.tally(), name, 0, List.of(header), Intake.UNKNOWN);
      return context.requests().run(reader).thenCompose(_ -> {
        var head = new ObjectHeader(header, context.shape());
        return head.wrong().isEmpty() && head.names(0, keyHigh, keyLow)
            ? CompletableFuture.completedStage((Void) null)
            : CompletableFuture.<Void>failedStage(
                new ObjectFailure(
                    Kind.PRECONDITION, "PUT " + name + ": another object has that name", null));
      }).whenComplete((_, _) -> context.headers().give(header));
    }

    private void end(Throwable error) {
      if (error == null) {
        context.stored(keyHigh, keyLow);
      } else {
        joint.missed(index, index + 1, Loading.failure(error));
      }
      joint.ended();
    }
  }
}
