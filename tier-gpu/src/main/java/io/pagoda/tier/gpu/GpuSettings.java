package io.pagoda.tier.gpu;

import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;

/**
 * What a tier is set to.
 *
 * @param slots how many blocks it holds
 * @param blockBytes bytes of each
 * @param device whose memory they are in, and how it copies
 */
record GpuSettings(int slots, long blockBytes, CudaSettings device) {
  /** How many batches the device has at a time: the next is there before one has ended. */
  private static final int BATCHES = 8;

  /** Blocks start where the kernel and copy engines like it. */
  private static final int ALIGNMENT = 256;

  static GpuSettings from(Settings settings, long blockBytes) {
    int slots = TierSpec.slots(settings, stride(blockBytes));
    return new GpuSettings(slots, blockBytes, device(settings));
  }

  /** A block is in one piece at either end: there is nothing to put together in a stage. */
  private static CudaSettings device(Settings settings) {
    return CudaSettings.of(settings, CopyPath.AUTO, 0);
  }

  private static long stride(long blockBytes) {
    return Math.ceilDiv(blockBytes, ALIGNMENT) * ALIGNMENT;
  }

  /** {@return from a slot to the next, in bytes} */
  long stride() {
    return stride(blockBytes);
  }

  /** {@return bytes of all slots} */
  long bytes() {
    return Math.multiplyExact(stride(), (long) slots);
  }

  /** {@return what a tier of these settings is} */
  TierSpec spec() {
    return new TierSpec(Medium.DEVICE, slots, blockBytes, 1, BATCHES);
  }
}
