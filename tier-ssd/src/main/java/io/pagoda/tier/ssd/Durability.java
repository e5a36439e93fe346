package io.pagoda.tier.ssd;

/** What a stored block outlives. */
enum Durability {
  /** Nothing: the files are deleted at close. */
  NONE,
  /** The end of the process, whatever ends it. */
  CRASH,
  /** The loss of power, too: a store completes when the device has written block and record. */
  POWER;

  /** {@return whether blocks are found again after a restart} */
  boolean keeps() {
    return this != NONE;
  }
}
