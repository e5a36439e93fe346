package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.ByteSize;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.tier.gpu.Calibration.Rate;
import io.pagoda.tier.gpu.Calibration.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUipcMemHandle;
import jcuda.driver.JCudaDriver;

/** Looks at this machine's GPUs; or, where there are none, at what there is instead. */
final class CudaFindings {
  private static final String MACHINE = "this machine";

  private final CudaSettings settings;
  private final List<Finding> found = new ArrayList<>();

  private CudaFindings(CudaSettings settings) {
    this.settings = settings;
  }

  /** {@return what there is} */
  static List<Finding> of(CudaSettings settings) {
    var findings = new CudaFindings(settings);
    Optional<String> missing = Cuda.missing();
    if (missing.isPresent()) {
      findings.why(missing.get());
    } else {
      findings.devices();
    }
    return findings.found;
  }

  private void add(String subject, String what, String value) {
    found.add(new Finding(subject, what, value));
  }

  private void warn(String subject, String what, String value) {
    found.add(new Finding(subject, what, value, true));
  }

  /** Where no device can be had: what of the way to one is there. */
  private void why(String missing) {
    warn(MACHINE, "devices", "none: " + missing);
    int gpus = Machine.gpusOnTheBus();
    if (gpus == 0) {
      warn(
          MACHINE, "PCI bus", "no GPU of NVIDIA's is on it: this machine has none, or a virtual "
              + "machine was given none");
    } else {
      add(MACHINE, "PCI bus", "%d of NVIDIA's GPUs are on it".formatted(gpus));
    }
    Machine.driver()
        .ifPresentOrElse(
            version -> add(MACHINE, "kernel driver", version), () -> warn(
                MACHINE, "kernel driver", "not loaded: install NVIDIA's driver on the host"));
    if (Files.notExists(Path.of("/dev/nvidiactl"))) {
      warn(MACHINE, "/dev/nvidiactl", "absent: in a container, start it with --gpus all");
    }
    if (Machine.hidden()) {
      warn(MACHINE, "environment", "CUDA_VISIBLE_DEVICES or NVIDIA_VISIBLE_DEVICES hides all");
    }
    memory();
  }

  private void memory() {
    add(
        MACHINE, "locked memory (ulimit -l)",
        Machine.lockedMemory().orElse("unknown") + "; CUDA pins beyond it, mlock does not");
    String pages = Machine.hugePages().orElse("unknown");
    if (pages.contains("[never]")) {
      warn(
          MACHINE, "transparent huge pages",
          pages + ": copies to a device lose a tenth; echo madvise > "
              + "/sys/kernel/mm/transparent_hugepage/enabled");
    } else {
      add(MACHINE, "transparent huge pages", pages);
    }
  }

  private void devices() {
    add(MACHINE, "driver", Cuda.driverVersion());
    add(MACHINE, "NVTX ranges", settings.nvtx() ? NvtxNative.described() : "off: nvtx = false");
    memory();
    files();
    List<CUdevice> all = Cuda.all();
    for (CUdevice device : all) {
      device(device, all);
    }
  }

  private void files() {
    String what = "files to devices (GPUDirect Storage)";
    switch (CudaFiles.available()) {
      case Availability.Ready _ -> add(MACHINE, what, "straight, by cuFile");
      case Availability.Limited limited -> add(MACHINE, what, limited.reason());
      case Availability.Unavailable not -> add(MACHINE, what, "none: " + not.reason());
    }
  }

  private void device(CUdevice device, List<CUdevice> all) {
    String uuid = Cuda.uuid(device);
    add(uuid, "name", Cuda.name(device));
    add(uuid, "memory", new ByteSize(Cuda.bytes(device)).toString());
    add(
        uuid, "multiprocessors", String.valueOf(
            Cuda.attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)));
    String bus = Cuda.busId(device);
    add(uuid, "PCI bus", bus);
    link(uuid, bus);
    if (!Cuda.sharesAddresses(device)) {
      warn(uuid, "host memory", "has other addresses on the device; Pagoda cannot use it");
      return;
    }
    try {
      opened(uuid, all);
    } catch (PagodaException e) {
      warn(uuid, "opening", String.valueOf(e.getMessage()));
    }
  }

  private void link(String uuid, String bus) {
    String speed = Machine.pci(bus, "current_link_speed").orElse("unknown speed");
    String width = Machine.pci(bus, "current_link_width").orElse("?");
    String most = Machine.pci(bus, "max_link_speed").orElse("unknown speed");
    String widest = Machine.pci(bus, "max_link_width").orElse("?");
    String text = "%s x%s (at most %s x%s)".formatted(speed, width, most, widest);
    if (width.equals(widest)) {
      add(uuid, "PCIe link", text);
    } else {
      warn(uuid, "PCIe link", text + ": fewer lanes than it could have; is it in the right slot?");
    }
  }

  private void peers(String uuid, CudaDevice device, List<CUdevice> all) {
    for (CUdevice other : all) {
      if (!other.equals(device.context.device)) {
        PeerFindings.Road road = PeerFindings.look(device, other);
        found.add(
            new Finding(uuid, "copies to " + Cuda.busId(other), road.words(), !road.straight()));
      }
    }
    if (all.size() == 1) {
      add(uuid, "copies to other devices", "there is no other device");
    }
  }

  private void opened(String uuid, List<CUdevice> all) {
    var mine = new CudaSettings(
        uuid, settings.transferCtas(), CopyPath.AUTO, settings.staging(), settings.calibrate(),
        settings.calibrations(), settings.nvtx());
    try (CudaDevice device = CudaDevice.open(mine, "doctor")) {
      shared(uuid, device);
      peers(uuid, device, all);
      file(uuid, device);
      calibration(uuid, device);
    }
  }

  /** Whether a file system's files are taken shows only with a file. */
  private void file(String uuid, CudaDevice device) {
    if (CudaFiles.available() instanceof Availability.Unavailable) {
      return;
    }
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    String what = "files in " + directory;
    try {
      Path file = Files.createTempFile(directory, "pagoda-", ".probe");
      try (var _ = new CudaFiles(device).open(file, true)) {
        add(uuid, what, "go to and from the device");
      } finally {
        Files.delete(file);
      }
    } catch (PagodaException | IOException e) {
      add(uuid, what, "do not: " + e.getMessage());
    }
  }

  private void shared(String uuid, CudaDevice device) {
    try (DeviceMemory memory = device.allocate(2 << 20);
        var _ = device.context.enter()) {
      check(
          JCudaDriver
              .cuIpcGetMemHandle(new CUipcMemHandle(), CudaMemory.at(memory.segment().address())),
          "cuIpcGetMemHandle");
      add(uuid, "memory of other processes (IPC)", "yes");
    } catch (PagodaException e) {
      warn(uuid, "memory of other processes (IPC)", "no: " + e.getMessage());
    }
  }

  private void calibration(String uuid, CudaDevice device) {
    add(uuid, "calibration", Calibrations.key(device));
    for (Rate rate : device.calibration().rates()) {
      String what = (rate.path() == CopyPath.GRID ? "%s, copies of %s" : "%s, chunks of %s")
          .formatted(rate.path().word(), new ByteSize(rate.chunk()));
      String value = "%.1f GB/s in, %.1f out, %.1f both%s"
          .formatted(rate.in(), rate.out(), rate.both(), chosen(device.calibration(), rate));
      add(uuid, what, value);
    }
  }

  /** {@return for which directions a way is the one for such chunks of large blocks} */
  private static String chosen(Calibration calibration, Rate rate) {
    List<String> ways = new ArrayList<>();
    for (Way way : Way.values()) {
      if (calibration.best(rate.shape(), true, way) == rate.path()) {
        ways.add(way.name().toLowerCase(Locale.ROOT));
      }
    }
    return ways.isEmpty() ? "" : "; taken " + String.join(", ", ways);
  }
}
