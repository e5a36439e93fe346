package io.pagoda.node;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Waits for whoever has started this process. */
final class StandardInput {
  private StandardInput() {}

  /**
   * Waits until standard input ends.
   *
   * @throws CancellationException if this thread is interrupted
   */
  static void awaitEnd() throws IOException {
    FutureTask<Integer> end = new FutureTask<>(() -> {
      while (System.in.read() >= 0) {
        // what is said does not matter
      }
      return 0;
    });
    Thread.ofPlatform().daemon().name("standard-input").start(end);
    try {
      end.get();
    } catch (InterruptedException _) {
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw new IOException("Standard input cannot be read", e.getCause());
    }
  }
}
