package io.pagoda.tier.gpu;

import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a device is set to.
 *
 * @param uuid which device, or empty for the first
 * @param transferCtas how many thread blocks the kernel has, of 1024 threads: how many
 *     multiprocessors it keeps from computing
 * @param path how blocks are copied
 * @param staging how much device memory blocks are put together in, for each direction, in bytes
 * @param calibrate whether the device's ways to copy are measured
 * @param calibrations where what was measured is kept, if anywhere
 * @param nvtx whether profilers are shown what is copied
 */
record CudaSettings(
    String uuid, int transferCtas, CopyPath path, long staging, boolean calibrate,
    Optional<Path> calibrations, boolean nvtx) {
  private static final int MAX_CTAS = 128;

  /** Of less each block would be taken apart into many. */
  private static final ByteSize LEAST_STAGING = ByteSize.ofMebibytes(4);

  /** Bytes in whose multiples staging comes, so that every stage is as aligned as the first. */
  private static final long STEP = 4096;

  private static final String NOWHERE = "none";

  /** Settings of a device that nobody measures. */
  CudaSettings(String uuid, int transferCtas, CopyPath path, long staging) {
    this(uuid, transferCtas, path, staging, false, Optional.empty(), true);
  }

  static CudaSettings from(Settings settings) {
    return new CudaSettings(
        settings.string("uuid"), ctas(settings), settings.choice("path", CopyPath.class),
        staging(settings.bytes("staging"), settings.origin("staging")), settings.flag("calibrate"),
        calibrations(settings), settings.flag("nvtx"));
  }

  /** Reads which device, and how much of it copies take; the rest is given. */
  static CudaSettings of(Settings settings, CopyPath path, long staging) {
    return new CudaSettings(settings.string("uuid"), ctas(settings), path, staging);
  }

  private static int ctas(Settings settings) {
    int ctas = settings.integer("transfer-ctas");
    if (ctas < 1 || ctas > MAX_CTAS) {
      throw new SettingsException(
          "%s: the kernel has 1 to %d thread blocks, not %d"
              .formatted(settings.origin("transfer-ctas"), MAX_CTAS, ctas));
    }
    return ctas;
  }

  /** {@return how many bytes that is, if it is none or enough; both stages begin alike} */
  static long staging(ByteSize size, Object origin) {
    if (size.bytes() != 0 && size.compareTo(LEAST_STAGING) < 0) {
      throw new SettingsException(
          "%s: blocks are put together in at least %s, or in none (0MiB), not in %s"
              .formatted(origin, LEAST_STAGING, size));
    }
    return size.bytes() / STEP * STEP;
  }

  private static Optional<Path> calibrations(Settings settings) {
    return switch (settings.string("calibrations")) {
      case NOWHERE -> Optional.empty();
      case "" -> Optional.of(cache());
      default -> Optional.of(settings.path("calibrations"));
    };
  }

  /** {@return where programs of a user keep what they can find out again} */
  private static Path cache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache == null || cache.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache")
        : Path.of(cache);
    return base.resolve("pagoda");
  }

  /** {@return what of the settings a calibration depends on} */
  String calibrated() {
    return "transfer-ctas=%d staging=%d".formatted(transferCtas, staging);
  }
}
