package io.pagoda.core.pool;

import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
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

  /**
   * What one device holds.
   *
   * @param region how to get at it
   * @param views which of the views have something on this device
   */
  private record Part(DeviceRegion region, BitSet views) {}

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
    return new Part(device.map(theirs, blocks), present);
  }

  /** {@return whether nothing is on a device} */
  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Copies a view's part of blocks; the completion is told when every device has. */
  void copy(BlockBatch batch, int view, boolean toDevice, Completion completion) {
    List<Part> moving = parts.stream().filter(part -> part.views.get(view)).toList();
    if (moving.isEmpty()) {
      completion.complete(BatchResult.COMPLETE);
      return;
    }
    var all = new Joined(moving.size(), completion);
    for (Part part : moving) {
      try {
        part.region.copy(batch, view, toDevice, all);
      } catch (RuntimeException e) {
        all.refused(e);
      }
    }
  }

  /** Hears of each device, and tells the worst. */
  private static final class Joined implements Completion {
    private final AtomicInteger left;
    private final Completion completion;
    private @Nullable BatchResult worst;

    Joined(int parts, Completion completion) {
      this.left = new AtomicInteger(parts);
      this.completion = completion;
    }

    @Override
    public void complete(BatchResult result) {
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

    void refused(RuntimeException why) {
      complete(Results.failed("A device refused a copy: " + why, why));
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.region.close());
    parts.clear();
  }
}
