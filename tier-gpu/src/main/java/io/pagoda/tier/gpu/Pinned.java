package io.pagoda.tier.gpu;

import io.pagoda.ByteSize;
import io.pagoda.PagodaException;
import io.pagoda.tier.gpu.Pins.Pin;
import io.pagoda.tier.gpu.Pins.Registrar;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Host memory that a device reads and writes directly. It is pinned piece by piece by a thread of
 * its own, from the beginning: pinning touches every page. What others in the process have pinned
 * it shares with them.
 *
 * <p><b>Threads.</b> {@link #covers} from any thread.
 */
final class Pinned implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");

  /** Bytes of a piece: some tenths of a second. */
  private static final long PIECE_BYTES = 1L << 30;

  private final Context context;
  private final MemorySegment memory;
  private final Thread pinner;
  private final Pins pins;
  private final Registrar registrar;
  private final List<Pin> taken = new ArrayList<>();
  private final NavigableSet<Long> ends = new ConcurrentSkipListSet<>();
  private volatile long pinnedBytes;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private volatile boolean ending;

  Pinned(Context context, MemorySegment memory, String name) {
    this.context = context;
    this.memory = memory;
    this.pins = Pins.OF_PROCESS;
    this.registrar = (address, bytes) -> HostRegistration.of(context, address, bytes);
    this.pinner = Thread.ofPlatform().name(name).daemon().start(this::pin);
  }

  private void pin() {
    long start = System.nanoTime();
    try {
      for (long at = 0; at < memory.byteSize() && !ending; at += PIECE_BYTES) {
        long bytes = Math.min(PIECE_BYTES, memory.byteSize() - at);
        long address = memory.address() + at;
        pin(address, bytes);
        pinnedBytes = at + bytes;
        LOG.log(
            Level.DEBUG, "Pinned {0} of {1}", new ByteSize(pinnedBytes),
            new ByteSize(memory.byteSize()));
      }
      LOG.log(
          Level.INFO, "Pinned {0} in {1} ms", new ByteSize(pinnedBytes),
          (System.nanoTime() - start) / 1_000_000);
    } catch (PagodaException e) {
      LOG.log(
          Level.WARNING,
          "Only {0} of {1} are pinned, and the rest is copied more slowly: {2}. If it is a limit, "
              + "see ulimit -l",
          new ByteSize(pinnedBytes), new ByteSize(memory.byteSize()), e.getMessage());
    } finally {
      done.complete(pinnedBytes);
    }
  }

  /** {@return completes, when there is no more to be done, with how many bytes are pinned} */
  CompletionStage<Long> done() {
    return done.minimalCompletionStage();
  }

  /** {@return whether it is of that memory} */
  boolean of(MemorySegment other) {
    return memory.address() == other.address() && memory.byteSize() == other.byteSize();
  }

  private void pin(long address, long bytes) {
    for (Pin pin : pins.take(address, bytes, registrar)) {
      taken.add(pin);
      ends.add(pin.end());
      context.census.pins.incrementAndGet();
    }
  }

  /** {@return whether a range of addresses is pinned by now} */
  boolean covers(long address, long bytes) {
    long at = address - memory.address();
    return at >= 0 && at + bytes <= pinnedBytes;
  }

  /**
   * Returns how far a copy may reach that begins at an address of it, pinned by then or not: a
   * piece may come to be pinned before the copy begins.
   *
   * @return the end of what is pinned at once; 0 if it is other memory
   */
  long pieceEnd(long address) {
    long at = address - memory.address();
    if (at < 0 || at >= memory.byteSize()) {
      return 0;
    }
    long seam = memory.address() + seam(at, memory.byteSize());
    Long end = ends.higher(address);
    return end == null ? seam : Math.min(seam, end);
  }

  /** {@return where the piece ends that a byte is in} */
  static long seam(long at, long bytes) {
    return Math.min(bytes, (at / PIECE_BYTES + 1) * PIECE_BYTES);
  }

  @Override
  public void close() {
    ending = true;
    boolean interrupted = false;
    while (pinner.isAlive()) {
      try {
        pinner.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    for (Pin pin : taken) {
      context.census.pins.decrementAndGet();
      pins.release(pin);
    }
    taken.clear();
  }
}
