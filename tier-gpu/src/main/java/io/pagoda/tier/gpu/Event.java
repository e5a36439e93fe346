package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A point in a stream. All is called within the event's context. */
final class Event {
  private final Context context;
  private final CUevent event = new CUevent();

  private Event(Context context, int flags) {
    this.context = context;
    check(
        JCudaDriver.cuEventCreate(event, flags | CUevent_flags.CU_EVENT_DISABLE_TIMING),
        "cuEventCreate on %s", context.uuid);
    context.census.events.incrementAndGet();
  }

  /** Creates one that streams wait for. */
  static Event forStreams(Context context) {
    return new Event(context, 0);
  }

  /** Creates one that a thread sleeps for. */
  static Event forThreads(Context context) {
    return new Event(context, CUevent_flags.CU_EVENT_BLOCKING_SYNC);
  }

  /** Makes it stand for all that is in a stream. */
  void record(StreamHandle stream) {
    check(JCudaDriver.cuEventRecord(event, stream), "cuEventRecord on %s", context.uuid);
  }

  /** Has what is put into a stream from now on wait. */
  void holdUp(StreamHandle stream) {
    check(JCudaDriver.cuStreamWaitEvent(stream, event, 0), "cuStreamWaitEvent on %s", context.uuid);
  }

  /** Waits; returns what the driver says of the work before it. */
  int await() {
    return JCudaDriver.cuEventSynchronize(event);
  }

  void destroy() {
    context.census.events.decrementAndGet();
    context.quietly(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
  }
}
