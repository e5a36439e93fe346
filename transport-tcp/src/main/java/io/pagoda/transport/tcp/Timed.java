package io.pagoda.transport.tcp;

/** Something that happens at a time unless it is taken back. */
abstract class Timed {
  /** When, as {@link System#nanoTime} tells it. */
  long at;
  /** Where it is in its heap, or −1. */
  int position = -1;

  /** Called in the thread of the loop. */
  abstract void fire();
}
