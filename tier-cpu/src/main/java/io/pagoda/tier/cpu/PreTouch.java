package io.pagoda.tier.cpu;

import io.pagoda.ByteSize;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings every page of memory into being. To clear them is most of the work, so several threads
 * share it; on a machine of several memory nodes that also spreads the pages over the nodes that
 * the threads happen to run on.
 */
final class PreTouch {
  private static final long CHUNK_BYTES = 64 << 20;
  private static final int MOST_THREADS = 16;
  private static final long PAGE_BYTES = 4096;

  private final MemorySegment memory;
  private final AtomicLong next = new AtomicLong();

  private PreTouch(MemorySegment memory) {
    this.memory = memory;
  }

  /**
   * Touches all of {@code memory}, which holds nothing yet.
   *
   * @throws PagodaException if the kernel cannot find the pages
   */
  static void of(MemorySegment memory, String name) {
    var touch = new PreTouch(memory);
    long chunks = Math.ceilDiv(memory.byteSize(), CHUNK_BYTES);
    int processors = Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
    List<CompletableFuture<Void>> helpers = new ArrayList<>();
    Executor thread = run -> Thread.ofPlatform().daemon().name(name + "-pre-touch").start(run);
    for (long i = 1; i < Math.min(processors, chunks); i++) {
      helpers.add(CompletableFuture.runAsync(() -> touch.chunks(name), thread));
    }
    CompletableFuture<Void> own =
        CompletableFuture.runAsync(() -> touch.chunks(name), Runnable::run);
    helpers.add(own);
    await(CompletableFuture.allOf(helpers.toArray(CompletableFuture[]::new)));
  }

  /** Waits for every thread, failed or not: none may touch memory that is about to be unmapped. */
  private static void await(CompletableFuture<Void> all) {
    try {
      all.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof PagodaException refused ? refused : e;
    }
  }

  private void chunks(String name) {
    long at = next.getAndAdd(CHUNK_BYTES);
    while (at < memory.byteSize()) {
      chunk(memory.asSlice(at, Math.min(CHUNK_BYTES, memory.byteSize() - at)), name);
      at = next.getAndAdd(CHUNK_BYTES);
    }
  }

  private static void chunk(MemorySegment chunk, String name) {
    try {
      LibcNative.advise(chunk, LibcNative.MADV_POPULATE_WRITE);
    } catch (LibcNative.Failure failure) {
      if (failure.errno() != LibcNative.EINVAL) {
        throw noPages(chunk, name, failure);
      }
      byHand(chunk); // a kernel before 5.14 does not know the advice
    }
  }

  private static PagodaException noPages(
      MemorySegment chunk, String name, LibcNative.Failure failure) {
    return new PagodaException(
        Fault.PERMANENT,
        "Tier %s has an address range and no memory for %s of it: %s. Lower its capacity or blocks"
            .formatted(name, new ByteSize(chunk.byteSize()), failure.getMessage()));
  }

  private static void byHand(MemorySegment chunk) {
    for (long at = 0; at < chunk.byteSize(); at += PAGE_BYTES) {
      chunk.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
    }
  }
}
