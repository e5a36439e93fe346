package io.pagoda.tier.ssd;

/** What becomes of blocks that a tier of these settings cannot use. */
enum OnMismatch {
  /** They stay, and the tier does not open. */
  REFUSE,
  /** They are deleted, and the tier begins empty. */
  RESET
}
