package io.pagoda.tier.gpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.device.DeviceFile;
import io.pagoda.spi.device.FileRoute;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files to and from a device by cuFile, NVIDIA's GPUDirect Storage. Without its kernel module it is
 * in compatibility mode: cuFile itself carries the bytes through host memory.
 */
final class CudaFiles implements FileRoute {
  private static final Path MODULE = Path.of("/proc/driver/nvidia-fs/version");

  /** What cuFile says of a file on a disk that it cannot find out about. */
  private static final int UNKNOWN = 5027;

  private static final String NO_UDEV =
      "; it asks udev about the file's disk, so without udevd (/run/udev/data) it takes no file";

  private final CudaDevice device;

  CudaFiles(CudaDevice device) {
    this.device = device;
  }

  /** The library, loaded once and its driver open; or why not. */
  private record Library(Optional<CufileNative> cufile, Availability availability) {
    private static final class Held {
      static final Library LIBRARY = found();
    }

    private static Library found() {
      Optional<CufileNative> cufile = CufileNative.find(CufileNative.LIBRARIES);
      if (cufile.isEmpty()) {
        return missing(
            "no %s on this machine: it comes with CUDA, in the package libcufile"
                .formatted(CufileNative.LIBRARIES.getFirst()));
      }
      int failed = cufile.get().openDriver();
      if (failed != 0 && failed != CufileNative.ALREADY_OPEN) {
        return missing("cuFileDriverOpen failed: " + error(failed));
      }
      return new Library(cufile, mode(cufile.get().version()));
    }

    private static Library missing(String why) {
      return new Library(Optional.empty(), new Availability.Unavailable(why));
    }

    private static Availability mode(String version) {
      return Files.exists(MODULE)
          ? Availability.READY
          : new Availability.Limited(
              "cuFile %s in compatibility mode, through host memory: the kernel module nvidia-fs "
                  .formatted(version) + "is not loaded");
    }
  }

  /** {@return whether this machine has the road, whatever the device} */
  static Availability available() {
    return Library.Held.LIBRARY.availability;
  }

  /** {@return what a number of cuFile's says} */
  static String error(long number) {
    return "error %d of cuFile's (CUfileOpError in cufile.h); its log is %s"
        .formatted(number, Path.of("cufile.log").toAbsolutePath());
  }

  @Override
  public Availability availability() {
    return available();
  }

  @Override
  public DeviceFile open(Path file, boolean writable) {
    device.context.checkWorks();
    CufileNative cufile = Library.Held.LIBRARY.cufile.orElseThrow(
        () -> new PagodaException(
            Fault.PERMANENT,
            "%s cannot be opened for %s: %s".formatted(file, device.uuid(), available())));
    int descriptor = CufileNative.open(file.toString(), writable);
    if (descriptor < 0) {
      throw new PagodaException(
          Fault.PERMANENT, "open of %s failed with errno %d".formatted(file, -descriptor));
    }
    try {
      return device.owned(
          new CudaFile(
              device.context, cufile, file, descriptor, registered(cufile, file, descriptor)));
    } catch (RuntimeException e) {
      CufileNative.close(descriptor);
      throw e;
    }
  }

  private long registered(CufileNative cufile, Path file, int descriptor) {
    try (Arena call = Arena.ofConfined();
        var _ = device.context.enter()) {
      MemorySegment handle = call.allocate(ValueLayout.JAVA_LONG);
      int failed = cufile.register(descriptor, handle);
      if (failed != 0) {
        throw new PagodaException(
            Fault.PERMANENT, "cuFileHandleRegister of %s for %s failed: %s%s"
                .formatted(file, device.uuid(), error(failed), failed == UNKNOWN ? NO_UDEV : ""));
      }
      return handle.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
