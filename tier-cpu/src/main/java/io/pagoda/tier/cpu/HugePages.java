package io.pagoda.tier.cpu;

/** Which pages a tier's memory is made of. */
enum HugePages {
  /** Transparent huge pages where the kernel has them, else ordinary ones. */
  AUTO,
  /** Transparent huge pages. */
  TRANSPARENT,
  /** Pages set aside by an administrator. */
  EXPLICIT,
  /** Ordinary pages. */
  OFF
}
