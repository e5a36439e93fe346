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
import org.jspecify.annotations.Nullable;

/**
 * A queue of work of a device. A thread sleeps in the driver until the work that it waits for is
 * done, and tells: nothing is polled.
 *
 * <p><b>Threads.</b> {@link #submit} from any thread; {@link #close} once.
 */
final class Stream implements InTurn.Queue, AutoCloseable {
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
  private volatile @Nullable StreamHandle side;
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

  @Override
  public void submit(Work work, Completion completion) {
    synchronized (order) {
      checkOpen();
      try (var _ = context.enter()) {
        put(work, completion);
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

  @Override
  public boolean locked(BooleanSupplier something) {
    synchronized (order) {
      return something.getAsBoolean();
    }
  }

  @Override
  public void forget(InTurn turn) {
    synchronized (order) {
      inTurn.remove(turn);
    }
  }

  /** {@return whether something was put in that is not done} */
  boolean busy() {
    return inFlight.get() > 0;
  }

  /**
   * Makes calls that stand for all that was put in before.
   *
   * @throws PagodaException if a part of that was refused, or has failed
   */
  void behind(Consumer<StreamHandle> calls) {
    synchronized (order) {
      checkOpen();
      inTurn.forEach(InTurn::flush);
      inTurn.forEach(InTurn::checkWhole);
      order(calls);
    }
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
  private void put(Work work, Completion completion) {
    Event event = Event.forThreads(context);
    try {
      long start = System.nanoTime();
      Load load = work.into(handle);
      event.record(handle);
      long range = ranges.start(load.path());
      pending.add(Optional.of(new Pending(load, event, completion, start, range)));
    } catch (RuntimeException | Error e) {
      drain();
      event.destroy();
      throw e;
    }
  }

  /** Names a stream whose work this one's waits for, and which ends with it. */
  void beside(StreamHandle filled) {
    synchronized (order) {
      side = filled;
    }
  }

  /** Waits until nothing runs any more. */
  void drain() {
    StreamHandle filled = side;
    try (var _ = context.enter()) {
      if (filled != null) {
        drain(filled);
      }
      drain(handle);
    }
  }

  private void drain(StreamHandle stream) {
    try {
      check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize on %s", context.uuid);
    } catch (PagodaException e) {
      LOG.log(Level.WARNING, "After work that failed: {0}", context.failed(e).getMessage());
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
    BatchResult result = result(next);
    inFlight.decrementAndGet();
    ranges.end(next.range);
    next.event.destroy();
    try {
      next.completion.complete(result);
    } catch (RuntimeException | Error e) {
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

  /**
   * Refuses a completion that would wait for itself.
   *
   * @throws IllegalStateException if one calls
   */
  void checkNotWaitedFor() {
    if (Thread.currentThread().equals(waiter)) {
      throw new IllegalStateException("A device cannot be closed from a completion");
    }
  }

  /** Waits for what is in the stream, and ends it. */
  @Override
  public void close() {
    checkNotWaitedFor();
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
