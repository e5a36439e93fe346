package io.pagoda;

import java.time.Duration;
import java.util.Objects;

/**
 * How a job is to be done.
 *
 * @param timeout when it expires, counted from its start; zero for what the store is set to
 * @param namespace whose blocks a put stores, for quotas and times to live
 * @param layers told how a fetch comes in, layer by layer
 */
public record JobOptions(Duration timeout, Namespace namespace, LayerListener layers) {
  /** What the store is set to, in the namespace that everybody shares, with no word of layers. */
  public static final JobOptions DEFAULT =
      new JobOptions(Duration.ZERO, Namespace.SHARED, LayerListener.NONE);

  /** Checks the values: what is missing is found before anything is begun. */
  public JobOptions {
    Objects.requireNonNull(timeout, "timeout; the store's own is Duration.ZERO");
    Objects.requireNonNull(namespace, "namespace; everybody's is Namespace.SHARED");
    Objects.requireNonNull(layers, "layers; nobody hears of them with LayerListener.NONE");
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("A timeout is not negative: " + timeout);
    }
  }

  /** {@return whether somebody is told of layers} */
  public boolean layered() {
    return !layers.equals(LayerListener.NONE);
  }

  /** {@return these options with another timeout} */
  public JobOptions within(Duration newTimeout) {
    return new JobOptions(newTimeout, namespace, layers);
  }

  /** {@return these options for another namespace} */
  public JobOptions in(Namespace newNamespace) {
    return new JobOptions(timeout, newNamespace, layers);
  }

  /** {@return these options with somebody to tell of layers} */
  public JobOptions telling(LayerListener newLayers) {
    return new JobOptions(timeout, namespace, newLayers);
  }
}
