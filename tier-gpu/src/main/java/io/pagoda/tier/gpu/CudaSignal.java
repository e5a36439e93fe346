package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.DeviceEvent;
import io.pagoda.spi.device.DeviceSignal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/** An engine's event. One of another process is opened, and closed; one of this process is used. */
final class CudaSignal implements DeviceSignal {
  private final CudaDevice device;
  private final DriverNative driver;
  private final long event;
  private final boolean foreign;
  private final AtomicBoolean closed = new AtomicBoolean();

  CudaSignal(CudaDevice device, DriverNative driver, DeviceEvent event) {
    this.device = device;
    this.driver = driver;
    switch (event) {
      case DeviceEvent.Local local -> {
        this.event = local.handle();
        this.foreign = false;
      }
      case DeviceEvent.Exported exported -> {
        this.event = opened(exported.handle());
        this.foreign = true;
      }
    }
  }

  private long opened(byte[] handle) {
    try (Arena arena = Arena.ofConfined();
        var _ = device.context.enter()) {
      MemorySegment address = arena.allocate(ValueLayout.JAVA_LONG);
      check(driver.openEvent(address, handle), "cuIpcOpenEventHandle on %s", device.uuid());
      device.context.census.events.incrementAndGet();
      return address.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** A stage that is filled from the engine's memory is filled by a stream of its own. */
  @Override
  public void holdUp(boolean toDevice) {
    Road road = device.road(toDevice);
    road.stream().order(main -> {
      wait(main);
      if (!toDevice && road.stages() != null) {
        wait(road.staging().side());
      }
    });
  }

  private void wait(StreamHandle stream) {
    check(
        driver.waitEvent(stream.address(), event), "cuStreamWaitEvent for event %x on %s", event,
        device.uuid());
  }

  @Override
  public void record(boolean toDevice) {
    device.road(toDevice)
        .stream()
        .behind(
            main -> check(
                driver.recordEvent(event, main.address()), "cuEventRecord of event %x on %s", event,
                device.uuid()));
  }

  @Override
  public void close() {
    if (foreign && closed.compareAndSet(false, true)) {
      device.context.census.events.decrementAndGet();
      try (var _ = device.context.enter()) {
        device.context.quietly(driver.destroyEvent(event), "cuEventDestroy of an opened event");
      }
    }
  }
}
