package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import jcuda.driver.JCudaDriver;

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
  private final Flows flows;
  private final Ranges ranges;
  private final BlockingQueue<Optional<Pending>> pending = new LinkedBlockingQueue<>();
  private final Thread waiter;
  private final Object order = new Object();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final List<InTurn> inTurn = new ArrayList<>();
  private boolean closed;

  private record Pending(
      Load load, Event event, Completion completion, long submitted, long range) {}

  /** Work, put into the stream by the calls that it makes; tells what it was. */
  interface Work {
    Load into(StreamHandle stream);
  }

  Stream(Context context, boolean toDevice, Ranges ranges, String name) {
    this.context = context;
    this.ranges = ranges;
    this.flows = new Flows(toDevice);
    try (var _ = context.enter()) {
      this.handle = StreamHandle.create(context);
    }
    this.waiter = Thread.ofPlatform().name(name).daemon().start(this::await);
  }

  /** {@return what it has carried} */
  Flows flows() {
    return flows;
  }

  /** Puts work in; its completion is told when it is done. */
  void submit(Work work, Completion completion) {
    synchronized (order) {
      checkOpen();
      try (var _ = context.enter()) {
        long start = System.nanoTime();
        Load load = put(work);
        pending.add(Optional.of(pending(load, completion, start)));
        inFlight.incrementAndGet();
      } catch (PagodaException e) {
        throw context.failed(e);
      }
    }
  }

  /**
   * Puts work in a part at a time, the first ones at once; its completion is told when all is done.
   *
   * @param parts at least one
   */
  void submit(List<Work> parts, Completion completion) {
    if (parts.size() == 1) {
      submit(parts.getFirst(), completion);
      return;
    }
    synchronized (order) {
      var turn = new InTurn(this, parts, completion);
      turn.begin();
      inTurn.add(turn);
    }
  }

  /** Does something that nobody puts work in beside. */
  boolean locked(BooleanSupplier something) {
    synchronized (order) {
      return something.getAsBoolean();
    }
  }

  /** Forgets work whose parts are all over. */
  void forget(InTurn turn) {
    inTurn.remove(turn);
  }

  /** {@return whether something was put in that is not done} */
  boolean busy() {
    return inFlight.get() > 0;
  }

  /** Makes calls that concern what was put in before, or what will be. */
  void order(Consumer<StreamHandle> calls) {
    synchronized (order) {
      checkOpen();
      inTurn.forEach(InTurn::flush);
      try (var _ = context.enter()) {
        calls.accept(handle);
      } catch (PagodaException e) {
        throw context.failed(e);
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The device is closed");
    }
    context.checkWorks();
  }

  /** Work that was put in only in part must be over before its caller hears that it failed. */
  private Load put(Work work) {
    try {
      return work.into(handle);
    } catch (RuntimeException e) {
      drain();
      throw e;
    }
  }

  private Pending pending(Load load, Completion completion, long start) {
    Event event = Event.forThreads(context);
    try {
      event.record(handle);
      return new Pending(load, event, completion, start, ranges.start(load.path()));
    } catch (RuntimeException e) {
      drain();
      event.destroy();
      throw e;
    }
  }

  private void drain() {
    int result = JCudaDriver.cuStreamSynchronize(handle);
    LOG.log(Level.DEBUG, "After work that failed, the stream ended with {0}", result);
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
    BatchResult result = result(next);
    inFlight.decrementAndGet();
    ranges.end(next.range);
    next.event.destroy();
    try {
      next.completion.complete(result);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "A completion threw; it must not", e);
    }
  }

  private BatchResult result(Pending next) {
    try {
      check(next.event.await(), "cuEventSynchronize on %s, which was %s,", context.uuid, next.load);
      flows.ended(next.load, next.submitted, System.nanoTime());
      return BatchResult.COMPLETE;
    } catch (PagodaException e) {
      return new BatchResult.Failed(context.failed(e));
    }
  }

  /** Waits for what is in the stream, and ends it. */
  @Override
  public void close() {
    if (Thread.currentThread().equals(waiter)) {
      throw new IllegalStateException("A device cannot be closed from a completion");
    }
    synchronized (order) {
      inTurn.forEach(InTurn::flush);
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
      handle.destroy(context);
    }
  }
}
