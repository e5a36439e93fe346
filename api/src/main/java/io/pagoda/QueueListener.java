package io.pagoda;

/**
 * Hears that copies of a job are in the streams of devices, and that the events are recorded which
 * {@link DeviceOrder} names: from then on a stream of the engine may be told to wait for them. To
 * wait for an event that is not recorded yet would be to wait for nothing.
 *
 * <p>A job that ends early tells no more, nor does one of which a copy is refused or fails, and one
 * that had nothing to copy tells nothing: who waits for the next word looks at {@link Job#outcome}
 * too. What was told of has come when the events have, unless the device itself fails; the outcome
 * says so.
 *
 * <p><b>Threads.</b> Called one after the other, from the store's own threads; returns soon and
 * never throws.
 */
public interface QueueListener {
  /** Hears nothing. */
  QueueListener NONE = new QueueListener() {};

  /**
   * Learns that a layer's copies are on their way. Called in the order of the layers.
   *
   * @param layer which layer of the model, from 0
   * @param blocks how many leading blocks of the fetch have it; a later layer may have fewer
   */
  default void layerQueued(int layer, int blocks) {}

  /**
   * Learns that all copies are on their way.
   *
   * @param blocks how many leading blocks that is
   */
  default void allQueued(int blocks) {}
}
