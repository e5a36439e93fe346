package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A point in a stream. All is called within the event's context. */
final class Event {
  private final Context context;
  private final Handle event = new Handle();

  /** Lets its address be seen. */
  private static final class Handle extends CUevent {
    long address() {
      return getNativePointer();
    }
  }

  private Event(Context context, int flags) {
    this.context = context;
    check(JCudaDriver.cuEventCreate(event, flags), "cuEventCreate on %s", context.uuid);
    context.census.events.incrementAndGet();
  }

  /** Creates one that streams wait for. */
  static Event forStreams(Context context) {
    return new Event(context, CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  /** Creates one that a thread sleeps for. */
  static Event forThreads(Context context) {
    return new Event(
        context, CUevent_flags.CU_EVENT_BLOCKING_SYNC | CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  /** Creates one that knows when it came. */
  static Event timed(Context context) {
    return new Event(context, CUevent_flags.CU_EVENT_BLOCKING_SYNC);
  }

  /** Makes it stand for all that is in a stream. */
  void record(StreamHandle stream) {
    check(
        CallsNative.record(event.address(), stream.address()), "cuEventRecord on %s", context.uuid);
  }

  /** Has what is put into a stream from now on wait. */
  void holdUp(StreamHandle stream) {
    check(
        CallsNative.await(stream.address(), event.address()), "cuStreamWaitEvent on %s",
        context.uuid);
  }

  /** Waits; returns what the driver says of the work before it. */
  int await() {
    return JCudaDriver.cuEventSynchronize(event);
  }

  /** {@return how many milliseconds before it another came; both were created for that} */
  float millisSince(Event earlier) {
    float[] millis = new float[1];
    check(
        JCudaDriver.cuEventElapsedTime(millis, earlier.event, event), "cuEventElapsedTime on %s",
        context.uuid);
    return millis[0];
  }

  void destroy() {
    context.census.events.decrementAndGet();
    context.quietly(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
  }
}
