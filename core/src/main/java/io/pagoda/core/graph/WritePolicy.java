package io.pagoda.core.graph;

/** When blocks go down a road, from the hub to a colder tier. */
public enum WritePolicy {
  /** At every put, beside the copy in the hub. */
  THROUGH,
  /** When the hub needs their slots. */
  BACK,
  /** Never: what the tier holds came from elsewhere. */
  NEVER
}
