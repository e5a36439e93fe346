package io.pagoda.remote.objects;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Writes large objects in parts, several at once.
 *
 * <p><b>Threads.</b> Any.
 */
final class Writing {
  private final Context context;
  private final String name;
  private final List<MemorySegment> from;

  Writing(Context context, String name, List<MemorySegment> from) {
    this.context = context;
    this.name = name;
    this.from = from;
  }

  /** {@return whether an object of so many bytes is written in parts} */
  static boolean needed(Context context, long bytes) {
    return bytes > context.settings().parts().writeFrom();
  }

  /** Writes the object; what was written of it is given up if that fails. */
  CompletionStage<Void> start(boolean ifAbsent) {
    return ask("To begin parts of ", one -> context.bucket().beginParts(name, one)).thenCompose(
        number -> parts(number).thenCompose(tags -> end(number, tags, ifAbsent))
            .exceptionallyCompose(failure -> drop(number, failure)));
  }

  private <T> CompletableFuture<T> ask(String what, Function<Try, CompletionStage<T>> how) {
    return context.requests().run(new Ask<>(what + name, false, how));
  }

  private CompletionStage<List<String>> parts(String number) {
    List<CompletableFuture<String>> tags = new ArrayList<>();
    for (Stretch stretch : Stretch.cut(from, context.settings().parts().bytes())) {
      tags.add(context.requests().run(new Part(number, tags.size() + 1, stretch.memory())));
    }
    return CompletableFuture.allOf(tags.toArray(CompletableFuture[]::new))
        .thenApply(_ -> tags.stream().map(CompletableFuture::join).toList());
  }

  private CompletionStage<Void> end(String number, List<String> tags, boolean ifAbsent) {
    return ask(
        "To end parts of ", one -> context.bucket().endParts(name, number, tags, ifAbsent, one));
  }

  private CompletionStage<Void> drop(String number, Throwable failure) {
    return ask("To drop parts of ", one -> context.bucket().dropParts(name, number, one))
        .handle((_, another) -> {
          if (another != null) {
            Requests.LOG.log(
                Level.WARNING,
                "Parts of {0} may be left in the bucket, whose rules have to delete them: {1}",
                name, another.getMessage());
          }
          return CompletableFuture.<Void>failedStage(failure);
        })
        .thenCompose(failed -> failed);
  }

  /** A part of the object. */
  private final class Part implements Order<String> {
    private final String parts;
    private final int number;
    private final List<MemorySegment> memory;

    Part(String parts, int number, List<MemorySegment> memory) {
      this.parts = parts;
      this.number = number;
      this.memory = memory;
    }

    @Override
    public boolean urgent() {
      return false;
    }

    @Override
    public Try next() {
      return new Upload(memory, false);
    }

    @Override
    public CompletionStage<String> send(Try one) {
      return context.bucket().putPart(name, parts, number, (Upload) one);
    }

    @Override
    public String toString() {
      return "PUT part %d of %s".formatted(number, name);
    }
  }
}
