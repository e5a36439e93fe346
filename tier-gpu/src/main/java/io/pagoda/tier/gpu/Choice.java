package io.pagoda.tier.gpu;

import io.pagoda.tier.gpu.Calibration.Way;

/**
 * How blocks of one shape are best copied.
 *
 * @param in to the device
 * @param out from it
 * @param both either way, while others go the other way
 */
record Choice(CopyPath in, CopyPath out, CopyPath both) {
  CopyPath of(Way way) {
    return switch (way) {
      case IN -> in;
      case OUT -> out;
      case BOTH -> both;
    };
  }

  /** {@return whether it matters if others go the other way at the same time} */
  boolean depends(boolean toDevice) {
    return of(Way.of(toDevice, false)) != both;
  }
}
