package io.pagoda.tier.gpu;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;

/**
 * What a device is set to.
 *
 * @param uuid which device, or empty for the first
 * @param transferCtas how many thread blocks the kernel has, of 1024 threads: how many
 *     multiprocessors it keeps from computing
 * @param path how blocks are copied
 * @param copyEngineFrom from which size of chunks on the copy engines take them as they are
 * @param staging how much device memory blocks are put together in, for each direction, in bytes
 */
record CudaSettings(
    String uuid, int transferCtas, CopyPath path, long copyEngineFrom, long staging) {
  private static final int MAX_CTAS = 128;

  static CudaSettings from(Settings settings) {
    return of(
        settings, settings.choice("path", CopyPath.class),
        settings.bytes("copy-engine-from").bytes(), settings.bytes("staging").bytes());
  }

  /** Reads which device, and how much of it copies take; the rest is given. */
  static CudaSettings of(Settings settings, CopyPath path, long copyEngineFrom, long staging) {
    int ctas = settings.integer("transfer-ctas");
    if (ctas < 1 || ctas > MAX_CTAS) {
      throw new SettingsException(
          "%s: the kernel has 1 to %d thread blocks, not %d"
              .formatted(settings.origin("transfer-ctas"), MAX_CTAS, ctas));
    }
    return new CudaSettings(settings.string("uuid"), ctas, path, copyEngineFrom, staging);
  }
}
