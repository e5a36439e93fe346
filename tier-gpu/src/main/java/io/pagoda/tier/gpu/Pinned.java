package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.ByteSize;
import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import jcuda.Pointer;
import jcuda.driver.CUmemorytype;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that a device reads and writes directly. It is pinned piece by piece by a thread of
 * its own, from the beginning: pinning touches every page.
 *
 * <p><b>Threads.</b> {@link #covers} from any thread.
 */
final class Pinned implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");

  /** Bytes of a piece: some tenths of a second. */
  private static final long PIECE_BYTES = 1L << 30;

  private static final int PORTABLE = 1;
  private static final int DEVICE_MAPPED = 2;

  private final Context context;
  private final MemorySegment memory;
  private final Thread pinner;
  private final Deque<Long> pieces = new ArrayDeque<>();
  private volatile long pinnedBytes;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private volatile boolean ending;

  /** Lets an address be given to JCuda. */
  private static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  Pinned(Context context, MemorySegment memory, String name) {
    this.context = context;
    this.memory = memory;
    this.pinner = Thread.ofPlatform().name(name).daemon().start(this::pin);
  }

  private void pin() {
    long start = System.nanoTime();
    try (var _ = context.enter()) {
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
    }
    done.complete(pinnedBytes);
  }

  /** {@return completes, when there is no more to be done, with how many bytes are pinned} */
  CompletionStage<Long> done() {
    return done.minimalCompletionStage();
  }

  /** {@return whether it is of that memory} */
  boolean of(MemorySegment other) {
    return memory.address() == other.address() && memory.byteSize() == other.byteSize();
  }

  /** Memory that a device or tier of the same store has pinned is pinned for all; it unpins it. */
  private void pin(long address, long bytes) {
    int result =
        JCudaDriver.cuMemHostRegister(new Address(address), bytes, PORTABLE | DEVICE_MAPPED);
    boolean others = result == CUresult.CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED
        && known(address)
        && known(address + bytes - 1);
    if (!others) {
      check(
          result, "cuMemHostRegister of %s at %x for %s", new ByteSize(bytes), address,
          context.uuid);
      pieces.push(address);
      context.census.pins.incrementAndGet();
    }
  }

  private static boolean known(long address) {
    int[] type = new int[1];
    int result = JCudaDriver.cuPointerGetAttribute(
        Pointer.to(type), CUpointer_attribute.CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
        CudaMemory.at(address));
    return result == CUresult.CUDA_SUCCESS && type[0] == CUmemorytype.CU_MEMORYTYPE_HOST;
  }

  /** {@return whether a range of addresses is pinned by now} */
  boolean covers(long address, long bytes) {
    long at = address - memory.address();
    return at >= 0 && at + bytes <= pinnedBytes;
  }

  /** {@return the end of what was pinned together with an address, if that is pinned; else 0} */
  long pieceEnd(long address) {
    long at = address - memory.address();
    return at < 0 || at >= pinnedBytes
        ? 0
        : memory.address() + Math.min(pinnedBytes, (at / PIECE_BYTES + 1) * PIECE_BYTES);
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
    try (var _ = context.enter()) {
      while (!pieces.isEmpty()) {
        context.census.pins.decrementAndGet();
        context.quietly(
            JCudaDriver.cuMemHostUnregister(new Address(pieces.pop())), "cuMemHostUnregister");
      }
    }
  }
}
