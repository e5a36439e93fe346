package io.pagoda;

import java.time.Duration;
import java.util.Objects;

/**
 * How a job is to be done.
 *
 * @param timeout when it expires, counted from its start; zero for what the store is set to
 * @param namespace whose blocks a put stores, for quotas and times to live
 * @param layers told how a fetch comes in, layer by layer
 * @param order how copies keep to the order of the engine's own work on devices
 */
public record JobOptions(
    Duration timeout, Namespace namespace, LayerListener layers, DeviceOrder order) {
  /** What the store is set to, in the namespace that everybody shares, with no word of layers. */
  public static final JobOptions DEFAULT =
      new JobOptions(Duration.ZERO, Namespace.SHARED, LayerListener.NONE);

  /** Checks the values: what is missing is found before anything is begun. */
  public JobOptions {
    Objects.requireNonNull(timeout, "timeout; the store's own is Duration.ZERO");
    Objects.requireNonNull(namespace, "namespace; everybody's is Namespace.SHARED");
    Objects.requireNonNull(layers, "layers; nobody hears of them with LayerListener.NONE");
    Objects.requireNonNull(order, "order; copies keep to none with DeviceOrder.NONE");
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("A timeout is not negative: " + timeout);
    }
  }

  /** Options of a job that keeps to nobody's order. */
  public JobOptions(Duration timeout, Namespace namespace, LayerListener layers) {
    this(timeout, namespace, layers, DeviceOrder.NONE);
  }

  /** {@return whether somebody, or a device, is told of layers} */
  public boolean layered() {
    return !layers.equals(LayerListener.NONE) || !order.layers().isEmpty();
  }

  /** {@return these options with another timeout} */
  public JobOptions within(Duration newTimeout) {
    return new JobOptions(newTimeout, namespace, layers, order);
  }

  /** {@return these options for another namespace} */
  public JobOptions in(Namespace newNamespace) {
    return new JobOptions(timeout, newNamespace, layers, order);
  }

  /** {@return these options with somebody to tell of layers} */
  public JobOptions telling(LayerListener newLayers) {
    return new JobOptions(timeout, namespace, newLayers, order);
  }

  /** {@return these options with an order to keep to} */
  public JobOptions ordered(DeviceOrder newOrder) {
    return new JobOptions(timeout, namespace, layers, newOrder);
  }
}
