package io.pagoda.tier.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Linux tells of GPUs without their driver's library. */
final class Machine {
  private static final Path DEVICES = Path.of("/sys/bus/pci/devices");
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final Pattern VERSION = Pattern.compile("Kernel Module.*?\\s(\\d+(?:\\.\\d+)+)");
  private static final Pattern LOCKED =
      Pattern.compile("(?m)^Max locked memory\\s+(\\S+)\\s+(\\S+)\\s+(\\S*)");
  private static final String NVIDIA = "0x10de";

  /** What a display controller's class begins with; others of the vendor are its audio, say. */
  private static final String DISPLAY = "0x03";

  private Machine() {}

  /** {@return the version of the kernel's driver, such as {@code 580.159.04}} */
  static Optional<String> driver() {
    return text(DRIVER).map(VERSION::matcher).filter(Matcher::find).map(found -> found.group(1));
  }

  /** {@return how many of NVIDIA's GPUs are on the PCI bus} */
  static int gpusOnTheBus() {
    int count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(DEVICES)) {
      for (Path one : all) {
        boolean nvidia = text(one.resolve("vendor")).filter(NVIDIA::equals).isPresent();
        count += nvidia && text(one.resolve("class")).orElse("").startsWith(DISPLAY) ? 1 : 0;
      }
    } catch (IOException | UncheckedIOException _) {
      return 0;
    }
    return count;
  }

  /**
   * Returns what the kernel knows of a device on the PCI bus.
   *
   * @param busId where it is, such as {@code 0000:18:00.0}
   * @param what such as {@code current_link_speed}
   */
  static Optional<String> pci(String busId, String what) {
    return text(DEVICES.resolve(busId.toLowerCase(Locale.ROOT)).resolve(what))
        .filter(value -> !value.isEmpty());
  }

  /** {@return which pages may be huge, as the kernel puts it} */
  static Optional<String> hugePages() {
    return text(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"));
  }

  /** {@return how much memory this process may lock: {@code ulimit -l}} */
  static Optional<String> lockedMemory() {
    return text(Path.of("/proc/self/limits")).map(LOCKED::matcher)
        .filter(Matcher::find)
        .map(
            limit -> limit.group(1).equals("unlimited")
                ? "unlimited"
                : limit.group(1) + " " + limit.group(3));
  }

  /** {@return whether a container was given no GPU on purpose} */
  static boolean hidden() {
    return hides("CUDA_VISIBLE_DEVICES") || hides("NVIDIA_VISIBLE_DEVICES");
  }

  private static boolean hides(String variable) {
    String devices = System.getenv(variable);
    return devices != null
        && (devices.isBlank()
            || devices.equals("-1")
            || devices.equals("none")
            || devices.equals("void"));
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
