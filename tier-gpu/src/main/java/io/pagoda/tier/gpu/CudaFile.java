package io.pagoda.tier.gpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.DeviceFile;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.FileRange;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A file that cuFile knows. Its calls wait, so a few threads make them.
 *
 * <p><b>Threads.</b> As {@link DeviceFile} says.
 */
final class CudaFile implements DeviceFile {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");
  private static final int THREADS = 4;

  private final Context context;
  private final CufileNative cufile;
  private final Path path;
  private final int descriptor;
  private final long handle;
  private final ExecutorService movers;
  private boolean closed;

  CudaFile(Context context, CufileNative cufile, Path path, int descriptor, long handle) {
    this.context = context;
    this.cufile = cufile;
    this.path = path;
    this.descriptor = descriptor;
    this.handle = handle;
    this.movers = Executors
        .newFixedThreadPool(THREADS, Thread.ofPlatform().name("cufile-", 0).daemon().factory());
  }

  @Override
  public void read(DeviceMemory memory, List<FileRange> ranges, Completion completion) {
    move(true, memory, ranges, completion);
  }

  @Override
  public void write(DeviceMemory memory, List<FileRange> ranges, Completion completion) {
    move(false, memory, ranges, completion);
  }

  private synchronized void move(
      boolean in, DeviceMemory memory, List<FileRange> ranges, Completion completion) {
    if (closed) {
      throw new IllegalStateException(path + " is closed");
    }
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("There is at least one range to move");
    }
    for (FileRange range : ranges) {
      Objects.checkFromIndexSize(range.offset(), range.bytes(), memory.segment().byteSize());
    }
    var batch = new Batch(List.copyOf(ranges), completion);
    long base = memory.segment().address();
    for (int i = 0; i < ranges.size(); i++) {
      int number = i;
      movers.execute(() -> batch.ended(number, moved(in, base, batch.ranges.get(number))));
    }
  }

  /** Moves a range; returns why it could not. */
  private @Nullable PagodaException moved(boolean in, long base, FileRange range) {
    try (var _ = context.enter()) {
      for (long done = 0; done < range.bytes();) {
        long part = cufile.move(
            in, handle, base, range.bytes() - done, range.position() + done, range.offset() + done);
        if (part <= 0) {
          return failure(in, range, done, part);
        }
        done += part;
      }
      return null;
    } catch (PagodaException e) {
      return e;
    }
  }

  private PagodaException failure(boolean in, FileRange range, long done, long result) {
    String why = result == 0
        ? "it ended after " + done
        : result > -CufileNative.FIRST_ERROR ? "errno " + -result : CudaFiles.error(-result);
    return new PagodaException(
        Fault.PERMANENT,
        "%s of %d bytes at %d of %s for %s failed: %s".formatted(
            in ? "cuFileRead" : "cuFileWrite", range.bytes(), range.position(), path, context.uuid,
            why));
  }

  /** Hears of each range, and tells of all. */
  private static final class Batch {
    private final List<FileRange> ranges;
    private final Completion completion;
    private final BitSet missed = new BitSet();
    private @Nullable PagodaException cause;
    private int left;

    Batch(List<FileRange> ranges, Completion completion) {
      this.ranges = ranges;
      this.completion = completion;
      this.left = ranges.size();
    }

    void ended(int range, @Nullable PagodaException failure) {
      BatchResult result = noted(range, failure);
      if (result != null) {
        tell(result);
      }
    }

    /** {@return how all ended, if this was the last} */
    private synchronized @Nullable BatchResult noted(int range, @Nullable PagodaException failure) {
      if (failure != null) {
        missed.set(range);
        cause = cause == null ? failure : cause;
      }
      if (--left > 0) {
        return null;
      }
      PagodaException why = cause;
      return why == null
          ? BatchResult.COMPLETE
          : missed.cardinality() == ranges.size()
              ? new BatchResult.Failed(why)
              : new BatchResult.Partial(missed, why);
    }

    private void tell(BatchResult result) {
      try {
        completion.complete(result);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "A completion threw; it must not", e);
      }
    }
  }

  synchronized boolean closed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    movers.close();
    try (var _ = context.enter()) {
      cufile.deregister(handle);
    }
    CufileNative.close(descriptor);
  }
}
