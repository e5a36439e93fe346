package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * A queue of work of a device. A thread sleeps in the driver until the work that it waits for is
 * done, and tells: nothing is polled.
 *
 * <p><b>Threads.</b> {@link #submit} from any thread; {@link #close} once.
 */
final class Stream implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");

  private final Context context;
  private final StreamHandle handle;
  private final BlockingQueue<Optional<Pending>> pending = new LinkedBlockingQueue<>();
  private final Thread waiter;
  private final Object order = new Object();
  private volatile @Nullable PagodaException broken;
  private boolean closed;

  private record Pending(CUevent event, Completion completion) {}

  /** Work, put into the stream by the calls that it makes. */
  interface Work {
    void into(StreamHandle stream);
  }

  Stream(Context context, String name) {
    this.context = context;
    try (var _ = context.enter()) {
      this.handle = StreamHandle.create();
    }
    this.waiter = Thread.ofPlatform().name(name).daemon().start(this::await);
  }

  /** Puts work in; its completion is told when it is done. */
  void submit(Work work, Completion completion) {
    synchronized (order) {
      if (closed) {
        throw new IllegalStateException("The device is closed");
      }
      PagodaException earlier = broken;
      if (earlier != null) {
        throw new PagodaException(earlier.fault(), String.valueOf(earlier.getMessage()), earlier);
      }
      try (var _ = context.enter()) {
        put(work);
        var event = new CUevent();
        check(
            JCudaDriver.cuEventCreate(
                event,
                CUevent_flags.CU_EVENT_BLOCKING_SYNC | CUevent_flags.CU_EVENT_DISABLE_TIMING),
            "cuEventCreate");
        check(JCudaDriver.cuEventRecord(event, handle), "cuEventRecord");
        pending.add(Optional.of(new Pending(event, completion)));
      }
    }
  }

  /** Work that was put in only in part must be over before its caller hears that it failed. */
  private void put(Work work) {
    try {
      work.into(handle);
    } catch (RuntimeException e) {
      int result = JCudaDriver.cuStreamSynchronize(handle);
      LOG.log(Level.DEBUG, "After work that failed, the stream ended with {0}", result);
      throw e;
    }
  }

  private void await() {
    try (var _ = context.enter()) {
      for (var next = take(); next.isPresent(); next = take()) {
        tell(next.get());
      }
    }
  }

  private Optional<Pending> take() {
    while (true) {
      try {
        return pending.take();
      } catch (InterruptedException _) {
        LOG.log(Level.DEBUG, "Nobody may interrupt the thread of a stream");
      }
    }
  }

  private void tell(Pending next) {
    BatchResult result = BatchResult.COMPLETE;
    try {
      check(JCudaDriver.cuEventSynchronize(next.event), "Copying on the device");
      check(JCudaDriver.cuEventDestroy(next.event), "cuEventDestroy");
    } catch (PagodaException e) {
      if (e.fault() == Fault.FATAL) {
        broken = e;
      }
      result = new BatchResult.Failed(e);
    }
    try {
      next.completion.complete(result);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "A completion threw; it must not", e);
    }
  }

  /** Waits for what is in the stream, and ends it. */
  @Override
  public void close() {
    synchronized (order) {
      closed = true;
    }
    pending.add(Optional.empty());
    boolean interrupted = false;
    while (waiter.isAlive()) {
      try {
        waiter.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    try (var _ = context.enter()) {
      handle.destroy();
    }
  }
}
