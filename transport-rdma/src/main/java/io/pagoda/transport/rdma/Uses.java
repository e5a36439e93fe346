package io.pagoda.transport.rdma;

import java.util.concurrent.CompletableFuture;

/** Counts what uses a thing that is released when it is closed and nothing uses it any more. */
final class Uses {
  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private final Runnable release;
  private int count;
  private boolean closed;

  Uses(Runnable release) {
    this.release = release;
  }

  /** {@return whether it may be used; then {@link #leave} follows} */
  synchronized boolean enter() {
    if (closed) {
      return false;
    }
    count++;
    return true;
  }

  void leave() {
    boolean last;
    synchronized (this) {
      last = --count == 0 && closed;
    }
    if (last) {
      end();
    }
  }

  void close() {
    boolean last;
    synchronized (this) {
      last = !closed && count == 0;
      closed = true;
    }
    if (last) {
      end();
    }
  }

  private void end() {
    release.run();
    released.complete(null);
  }

  CompletableFuture<Void> released() {
    return released;
  }
}
