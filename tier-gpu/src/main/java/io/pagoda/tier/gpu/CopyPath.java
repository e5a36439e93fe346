package io.pagoda.tier.gpu;

import java.util.Locale;

/** How blocks are copied. */
enum CopyPath {
  /** Whatever the device's {@link Calibration} found to be quickest. */
  AUTO,
  /** A kernel reads and writes pinned host memory itself. */
  KERNEL,
  /** A kernel puts blocks together in device memory, and a copy engine moves them whole. */
  STAGED,
  /** The device's copy engines, chunk by chunk, many chunks a call. */
  COPY_ENGINE,
  /** The device's copy engines, many chunks at equal distances a copy: one or few for a block. */
  GRID,
  /** One copy call for each chunk; works on memory that is not pinned. */
  PLAIN;

  /** {@return the path as settings spell it} */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
