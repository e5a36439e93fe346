package io.pagoda;

/**
 * Hears how a fetch comes in, layer by layer, so that computing can start on the first layer while
 * later ones are still on their way.
 */
@FunctionalInterface
public interface LayerListener {
  /** Hears nothing: the fetch need not keep to the order of the layers. */
  LayerListener NONE = (_, _) -> {};

  /**
   * Learns that a layer is in the caller's memory. Called once for each layer of the model, in
   * order, from the store's own threads; returns soon and never throws. When a job ends early, the
   * layers that did not come are not told of.
   *
   * @param layer which layer of the model, from 0
   * @param blocks how many leading blocks of the fetch have it; a later layer may have fewer
   */
  void ready(int layer, int blocks);
}
