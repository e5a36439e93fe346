package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Host memory in place of an operation's stretches of device memory. It is given back once, when
 * the operation has closed it and nothing here copies or reads it any more; who closes it knows
 * that no transport does.
 */
final class Stage {
  private static final long MOST = 1L << 60;

  private final Stages stages;
  private final StagePool pool;
  private final List<Descriptor> local;

  /** Where each stretch is in what is lent. */
  private final long[] offsets;

  private final long bytes;
  private final CompletableFuture<@Nullable Void> idle = new CompletableFuture<>();
  private @Nullable CompletableFuture<StagePool.Lease> lease;
  private boolean closed;

  /** The operation, and what copies or reads. */
  private int users = 1;

  Stage(Stages stages, StagePool pool, List<Descriptor> local) {
    this.stages = stages;
    this.pool = pool;
    this.local = List.copyOf(local);
    offsets = new long[local.size()];
    long end = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = end;
      // Beyond any pool is as good as exactly how much, and does not overflow.
      end = Math.min(MOST, end + StagePool.rounded(Math.min(MOST, local.get(i).bytes())));
    }
    bytes = end;
  }

  /** {@return how much of the pool it needs} */
  long bytes() {
    return bytes;
  }

  /**
   * Takes the memory, and copies the device's bytes into it if that is asked for.
   *
   * @return completes in the executor; exceptionally if they cannot be copied, or it was closed
   */
  CompletionStage<?> open(boolean filled) {
    CompletableFuture<StagePool.Lease> taken;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(new CancellationException("it was closed"));
      }
      taken = pool.take(bytes);
      lease = taken;
    }
    return taken.thenComposeAsync(
        _ -> filled ? copy(false) : CompletableFuture.completedFuture(null), stages.executor());
  }

  /**
   * Leaves nothing there of what it had in it before, for peers who write less than they say.
   *
   * @throws CancellationException if it was closed
   */
  void clear() {
    enter();
    try {
      memory().forEach(stretch -> stretch.fill((byte) 0));
    } finally {
      leave();
    }
  }

  /** {@return what an operation waits for that has not ended, for people} */
  synchronized String waiting() {
    return lease != null && lease.isDone()
        ? "its device was not done with copying"
        : "no staging memory was free, of which pagoda.connector.staging is how much there is";
  }

  /**
   * Copies the bytes to the device.
   *
   * @return completes in the executor, exceptionally if they cannot be copied, or it was closed
   */
  CompletionStage<?> land() {
    return copy(true);
  }

  private CompletionStage<?> copy(boolean toDevice) {
    return using(() -> stages.copy(local, pool, places(), toDevice))
        .thenAcceptAsync(Stage::check, stages.executor());
  }

  private static void check(BatchResult result) {
    switch (result) {
      case BatchResult.Complete _ -> {}
      case BatchResult.Partial partial -> throw partial.cause();
      case BatchResult.Failed failed -> throw failed.cause();
    }
  }

  /**
   * {@return the first stretch that has another checksum, if one has}
   *
   * @throws CancellationException if it was closed
   */
  OptionalInt differing(int[] expected) {
    enter();
    try {
      return Sums.differing(memory(), expected);
    } finally {
      leave();
    }
  }

  /**
   * {@return the checksum of each stretch}
   *
   * @throws CancellationException if it was closed
   */
  int[] sums() {
    enter();
    try {
      return Sums.of(memory());
    } finally {
      leave();
    }
  }

  private <T> CompletionStage<T> using(Supplier<? extends CompletionStage<T>> work) {
    try {
      enter();
    } catch (CancellationException e) {
      return CompletableFuture.failedFuture(e);
    }
    try {
      return work.get().whenComplete((_, _) -> leave());
    } catch (RuntimeException | Error e) {
      leave();
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized void enter() {
    if (closed) {
      throw new CancellationException("it was closed");
    }
    users++;
  }

  private void leave() {
    synchronized (this) {
      users--;
      if (users > 0) {
        return;
      }
    }
    CompletableFuture<StagePool.Lease> taken = taken();
    if (taken != null && !taken.cancel(false) && !taken.isCompletedExceptionally()) {
      taken.join().close();
    }
    idle.complete(null);
  }

  private synchronized @Nullable CompletableFuture<StagePool.Lease> taken() {
    return lease;
  }

  /**
   * Nothing new is copied or read.
   *
   * @return completes when nothing is at all, and the memory was given back
   */
  CompletionStage<?> close() {
    boolean first;
    synchronized (this) {
      first = !closed;
      closed = true;
    }
    if (first) {
      leave();
    }
    return idle;
  }

  private long start() {
    return Objects.requireNonNull(taken(), "it is not open").join().offset();
  }

  private long[] places() {
    long[] places = offsets.clone();
    long start = start();
    for (int i = 0; i < places.length; i++) {
      places[i] += start;
    }
    return places;
  }

  /** {@return where a stretch starts in {@link #region}, in bytes} */
  long place(int stretch) {
    return start() + offsets[stretch];
  }

  /** {@return all of the memory that it has a part of, as a transport knows it} */
  Region region(Track track) {
    return track.region(pool);
  }

  /** {@return the stretches in host memory, as a transport knows them} */
  List<Window> windows(Track track) {
    Region region = region(track);
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < offsets.length; i++) {
      windows.add(new Window(region, place(i), local.get(i).bytes()));
    }
    return windows;
  }

  /** {@return the stretches in host memory} */
  List<MemorySegment> memory() {
    List<MemorySegment> memory = new ArrayList<>();
    for (int i = 0; i < offsets.length; i++) {
      memory.add(pool.memory().asSlice(place(i), local.get(i).bytes()));
    }
    return memory;
  }
}
