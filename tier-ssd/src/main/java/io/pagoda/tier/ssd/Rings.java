package io.pagoda.tier.ssd;

/** How many devices share a ring, or the threads that take its place. */
enum Rings {
  /** None does: a slow device holds up nobody else's blocks. */
  PER_DEVICE,
  /** All do: fewer threads, for directories of one device. */
  SHARED
}
