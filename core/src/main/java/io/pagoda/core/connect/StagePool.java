package io.pagoda.core.connect;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Host memory of a bounded size, lent in stretches: first come, first served, so that many small
 * ones do not keep a large one waiting for ever. It is allocated when it is first used.
 *
 * <p><b>Threads.</b> Any; nothing waits but {@link #memory}, the first time.
 */
final class StagePool {
  /** Stretches begin at multiples of it, in bytes. */
  static final long ALIGNMENT = 64;

  private static final long PAGE = 4096;

  private final Arena arena;
  private final long bytes;

  /** Where free stretches begin, and how long each is. */
  private final TreeMap<Long, Long> free = new TreeMap<>();

  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private long lent;
  private @Nullable MemorySegment memory;

  /** Who waits for a stretch. */
  private record Waiter(long bytes, CompletableFuture<Lease> lease) {}

  /** Who has waited long enough. */
  private record Served(Waiter waiter, Lease lease) {
    void tell() {
      if (!waiter.lease.complete(lease)) {
        lease.close();
      }
    }
  }

  /** A stretch that is lent. */
  final class Lease {
    private final long offset;
    private final long size;
    private boolean closed;

    private Lease(long offset, long size) {
      this.offset = offset;
      this.size = size;
    }

    /** {@return where it starts in the pool's memory, in bytes} */
    long offset() {
      return offset;
    }

    /** Gives it back; a second call does nothing. */
    void close() {
      synchronized (StagePool.this) {
        if (closed) {
          return;
        }
        closed = true;
        takeBack(offset, size);
        lent -= size;
      }
      serve();
    }
  }

  /**
   * Creates a pool.
   *
   * @param arena where its memory comes from, and whose owner frees it
   * @param bytes how much it lends at most
   */
  StagePool(Arena arena, long bytes) {
    this.arena = arena;
    this.bytes = bytes;
    free.put(0L, bytes);
  }

  static long rounded(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  long bytes() {
    return bytes;
  }

  /** {@return how much is lent now, in bytes} */
  synchronized long lent() {
    return lent;
  }

  /** {@return all of its memory; the first who asks has it allocated} */
  synchronized MemorySegment memory() {
    if (memory == null) {
      memory = arena.allocate(bytes, PAGE);
    }
    return memory;
  }

  /**
   * Asks for a stretch.
   *
   * @param size how long, in bytes, a multiple of {@link #ALIGNMENT} and not more than there is
   * @return completes with it, in the thread of whoever gave it back; who does not want it any more
   *     cancels that
   */
  CompletableFuture<Lease> take(long size) {
    Waiter waiter = new Waiter(size, new CompletableFuture<>());
    synchronized (this) {
      waiting.add(waiter);
    }
    var _ = waiter.lease.whenComplete((_, failure) -> {
      if (failure != null) {
        serve(); // who comes behind it may need less
      }
    });
    serve();
    return waiter.lease;
  }

  private void serve() {
    for (Served next = next(); next != null; next = next()) {
      next.tell();
    }
  }

  private synchronized @Nullable Served next() {
    while (!waiting.isEmpty() && waiting.element().lease.isDone()) {
      waiting.remove();
    }
    if (waiting.isEmpty()) {
      return null;
    }
    long wanted = waiting.element().bytes;
    for (Map.Entry<Long, Long> stretch : free.entrySet()) {
      if (stretch.getValue() >= wanted) {
        return new Served(waiting.remove(), lend(stretch.getKey(), stretch.getValue(), wanted));
      }
    }
    return null;
  }

  private Lease lend(long offset, long size, long wanted) {
    free.remove(offset);
    if (size > wanted) {
      free.put(offset + wanted, size - wanted);
    }
    lent += wanted;
    return new Lease(offset, wanted);
  }

  /** Makes a stretch free, one with its free neighbours. */
  private void takeBack(long offset, long size) {
    long start = offset;
    long end = offset + size;
    Map.Entry<Long, Long> before = free.lowerEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      start = before.getKey();
    }
    Long behind = free.remove(end);
    free.put(start, (behind == null ? end : end + behind) - start);
  }
}
