package io.pagoda.core.run;

import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.core.pool.PoolMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a task has kept to its order on devices.
 *
 * <p><b>Threads.</b> {@link #holdUp} from whoever carries hops, {@link #silence} and {@link
 * #silent} from any thread; all else belongs to the conductor.
 */
final class Ordering {
  final DeviceOrder order;
  final boolean toDevice;

  /** How many sections, and so layers, are on their way and told. */
  int sectionsTold;

  int layersTold;
  boolean allTold;
  private boolean held;
  private volatile boolean silent;

  Ordering(DeviceOrder order, boolean toDevice) {
    this.order = order;
    this.toDevice = toDevice;
  }

  /** Has the task's copies wait for the engine's events, before the first of them. */
  synchronized void holdUp(PoolMemory pool) {
    if (!held) {
      pool.holdUp(order.after(), toDevice);
      held = true;
    }
  }

  /** Keeps what is recorded from being told from now on: a copy that it would stand for fails. */
  void silence() {
    silent = true;
  }

  /** {@return whether nothing is told any more} */
  boolean silent() {
    return silent;
  }

  /** {@return what is recorded for some layers} */
  List<DeviceEvent> eventsOf(int from, int to) {
    List<DeviceEvent> events = new ArrayList<>();
    for (int layer = from; layer < Math.min(to, order.layers().size()); layer++) {
      events.addAll(order.layers().get(layer));
    }
    return events;
  }
}
