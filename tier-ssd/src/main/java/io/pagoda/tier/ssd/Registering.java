package io.pagoda.tier.ssd;

/** Whether the hub's memory is registered with rings. */
enum Registering {
  /** As much of it as the kernel takes. */
  AUTO,
  /** No: its pages are pinned at each operation. */
  OFF
}
