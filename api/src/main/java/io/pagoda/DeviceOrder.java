package io.pagoda;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How a job's copies to and from devices keep to the order of the engine's own work there: device
 * waits for device, and no thread for either. An engine that computes while it loads does this:
 *
 * {@snippet :
 * event.record(compute);                        // who used these blocks last has done so
 * DeviceOrder order = DeviceOrder.NONE.after(DeviceEvent.of(uuid, event.handle()))
 *     .layers(layerEvents)                      // one of the engine's events for each layer
 *     .telling(listener);                       // layerQueued(i, blocks): layer i's is recorded
 * store.fetch(pool, List.of(new Fetch(match, blocks, JobOptions.DEFAULT.ordered(order))));
 * // before layer i, once the listener has heard of it:
 * // cuStreamWaitEvent(compute, layerEvents[i])
 * }
 *
 * <p>Copies of later jobs in the same direction wait behind those of this one. Nothing can wait in
 * a circle: a job waits for what was recorded before it was begun, and an event of the store's is
 * recorded when all that it stands for is on its way.
 *
 * @param after events that the engine has recorded: copies to or from their devices begin when the
 *     work before them has ended
 * @param layers for each layer of the model the events that the store records when a fetch has put
 *     the last copy of the layer into the streams of their devices; empty if nobody waits
 * @param end events that the store records behind the last copy of the job on their devices
 * @param listener told what has been recorded
 */
public record DeviceOrder(
    List<DeviceEvent> after, List<List<DeviceEvent>> layers, List<DeviceEvent> end,
    QueueListener listener) {
  /** Copies wait for nothing, and nothing waits for them. */
  public static final DeviceOrder NONE =
      new DeviceOrder(List.of(), List.of(), List.of(), QueueListener.NONE);

  /** Copies the lists. */
  public DeviceOrder {
    after = List.copyOf(after);
    layers = layers.stream().map(List::copyOf).toList();
    end = List.copyOf(end);
    Objects.requireNonNull(listener, "listener; nobody hears with QueueListener.NONE");
  }

  /** {@return this order, behind events} */
  public DeviceOrder after(DeviceEvent... events) {
    return new DeviceOrder(List.of(events), layers, end, listener);
  }

  /** {@return this order, with events for each layer of the model, from the first} */
  public DeviceOrder layers(List<List<DeviceEvent>> events) {
    return new DeviceOrder(after, events, end, listener);
  }

  /** {@return this order, with events to be recorded behind it} */
  public DeviceOrder end(DeviceEvent... events) {
    return new DeviceOrder(after, layers, List.of(events), listener);
  }

  /** {@return this order, with somebody to tell of what has been recorded} */
  public DeviceOrder telling(QueueListener newListener) {
    return new DeviceOrder(after, layers, end, newListener);
  }

  /** {@return every event} */
  public Stream<DeviceEvent> events() {
    return Stream.of(after.stream(), layers.stream().flatMap(List::stream), end.stream())
        .flatMap(events -> events);
  }

  /** {@return whether there is nothing to keep to} */
  public boolean isEmpty() {
    return equals(NONE);
  }
}
