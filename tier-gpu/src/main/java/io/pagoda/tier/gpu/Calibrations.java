package io.pagoda.tier.gpu;

import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Where a device's calibration comes from. */
final class Calibrations {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");

  private Calibrations() {}

  /**
   * Returns how fast a device is, from a file or by trying; where neither works, it is taken to be
   * as usual.
   *
   * @param device open, and used by nobody
   */
  static Calibration of(CudaDevice device) {
    Optional<CalibrationFile> kept = file(device);
    return kept.flatMap(CalibrationFile::read).orElseGet(() -> measured(device, kept));
  }

  /** {@return what a device's calibration holds for} */
  static String key(CudaDevice device) {
    return "%s %s %s".formatted(device.uuid(), Cuda.driverVersion(), device.settings.calibrated());
  }

  private static Optional<CalibrationFile> file(CudaDevice device) {
    CudaSettings settings = device.settings;
    String name =
        "%s-%d-%d.txt".formatted(device.uuid(), settings.transferCtas(), settings.staging());
    return settings.calibrations()
        .map(directory -> new CalibrationFile(directory.resolve(name), key(device)));
  }

  private static Calibration measured(CudaDevice device, Optional<CalibrationFile> kept) {
    long start = System.nanoTime();
    try {
      Calibration calibration = Calibrator.of(device);
      LOG.log(
          Level.INFO, "Measured how {0} copies in {1} ms", device.uuid(),
          (System.nanoTime() - start) / 1_000_000);
      kept.ifPresent(file -> file.write(calibration));
      return calibration;
    } catch (PagodaException e) {
      LOG.log(
          Level.WARNING, "How {0} copies was not measured, and is taken to be as usual: {1}",
          device.uuid(), e.getMessage());
      return Calibration.USUAL;
    }
  }
}
