package io.pagoda.core.pool;

import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.DeviceSignal;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What of a pool is in the memory of devices, and how blocks get there and back.
 *
 * <p><b>Threads.</b> {@link #copy} from any thread.
 */
final class DeviceSide implements AutoCloseable {
  private final List<Part> parts = new ArrayList<>();
  private final Map<DeviceEvent, DeviceSignal> signals = new ConcurrentHashMap<>();

  /** Why a device is not used any more, if one is not. */
  private volatile @Nullable PagodaException retired;

  /**
   * What one device holds.
   *
   * @param device which device
   * @param region how to get at it
   * @param views which of the views have something on this device
   */
  private record Part(Device device, DeviceRegion region, BitSet views) {}

  /**
   * Maps what planes are on devices.
   *
   * @param views each of them the planes that a copy moves
   * @param blocks how many blocks the planes hold
   * @param devices finds a device by its UUID
   */
  DeviceSide(List<List<Plane>> views, int blocks, Function<String, Device> devices) {
    var uuids = new TreeSet<String>();
    for (List<Plane> view : views) {
      view.stream().filter(plane -> !plane.onHost()).forEach(plane -> uuids.add(plane.device()));
    }
    try {
      for (String uuid : uuids) {
        parts.add(part(views, uuid, blocks, devices.apply(uuid)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Part part(List<List<Plane>> views, String uuid, int blocks, Device device) {
    List<List<Stripe>> theirs = new ArrayList<>();
    BitSet present = new BitSet();
    for (List<Plane> view : views) {
      List<Stripe> stripes =
          view.stream().filter(plane -> plane.device().equals(uuid)).map(Plane::stripe).toList();
      present.set(theirs.size(), !stripes.isEmpty());
      theirs.add(stripes);
    }
    return new Part(device, device.map(theirs, blocks), present);
  }

  /** {@return whether nothing is on a device} */
  boolean isEmpty() {
    return parts.isEmpty();
  }

  /**
   * Copies a view's part of blocks; the completion is told when every device has.
   *
   * @param broken called before that, and before this returns if it can be, when not all will come
   */
  void copy(BlockBatch batch, int view, boolean toDevice, Completion completion, Runnable broken) {
    List<Part> moving = parts.stream().filter(part -> part.views.get(view)).toList();
    if (moving.isEmpty()) {
      completion.complete(BatchResult.COMPLETE);
      return;
    }
    PagodaException why = retired;
    if (why != null) {
      broken.run();
      completion.complete(new BatchResult.Failed(why)); // the others' parts would be of no use
      return;
    }
    var all = new Joined(moving.size(), completion, broken);
    for (Part part : moving) {
      copy(part, batch, view, toDevice, all);
    }
  }

  private void copy(Part part, BlockBatch batch, int view, boolean toDevice, Joined all) {
    try {
      part.region.copy(batch, view, toDevice, result -> {
        retireAfter(part, result);
        all.complete(result);
      });
    } catch (RuntimeException e) {
      BatchResult refused = Results.failed(part.device + " refused a copy: " + e.getMessage(), e);
      retireAfter(part, refused);
      all.complete(refused);
    }
  }

  /** A device that has failed for good is not asked again. */
  private void retireAfter(Part part, BatchResult result) {
    if (result instanceof BatchResult.Failed failed && failed.cause().fault() == Fault.FATAL) {
      retired = new PagodaException(
          Fault.FATAL, "%s is retired until the store is opened again: %s"
              .formatted(part.device, failed.cause().getMessage()),
          failed.cause());
    }
  }

  /**
   * Refuses events of devices that hold nothing of the pool.
   *
   * @throws IllegalArgumentException if there is one
   */
  void check(DeviceOrder order) {
    order.events().forEach(event -> device(event.device()));
  }

  private Device device(String uuid) {
    return parts.stream()
        .map(Part::device)
        .filter(device -> device.uuid().equals(uuid))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(
                "There is an event of device %s, and the pool is on %s"
                    .formatted(uuid, parts.stream().map(part -> part.device.uuid()).toList())));
  }

  /** Has copies that are begun from now on wait for events. */
  void holdUp(List<DeviceEvent> events, boolean toDevice) {
    events.forEach(event -> signal(event).holdUp(toDevice));
  }

  /** Records events behind the copies that were begun. */
  void record(List<DeviceEvent> events, boolean toDevice) {
    events.forEach(event -> signal(event).record(toDevice));
  }

  private DeviceSignal signal(DeviceEvent event) {
    return signals.computeIfAbsent(event, of -> device(of.device()).signal(of));
  }

  /** Hears of each device, and tells the worst. */
  private static final class Joined implements Completion {
    private final AtomicInteger left;
    private final Completion completion;
    private final Runnable broken;
    private @Nullable BatchResult worst;

    Joined(int parts, Completion completion, Runnable broken) {
      this.broken = broken;
      this.left = new AtomicInteger(parts);
      this.completion = completion;
    }

    @Override
    public void complete(BatchResult result) {
      if (!(result instanceof BatchResult.Complete)) {
        broken.run();
      }
      synchronized (this) {
        worst = worst == null ? result : Results.both(worst, result);
      }
      if (left.decrementAndGet() == 0) {
        completion.complete(worst());
      }
    }

    private synchronized BatchResult worst() {
      return worst == null ? BatchResult.COMPLETE : worst;
    }
  }

  @Override
  public void close() {
    signals.values().forEach(DeviceSignal::close);
    signals.clear();
    parts.forEach(part -> part.region.close());
    parts.clear();
  }
}
