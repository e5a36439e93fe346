package io.pagoda.transport.rdma;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far RDMA devices are from a GPU by the PCI bus, as Linux tells of both in files.
 *
 * @param system where {@code /sys} is
 * @param processes where {@code /proc} is
 */
record PciDistance(Path system, Path processes) {
  /** Of what is not below the same root: farther than any that is. */
  private static final int OTHER_ROOT = 1_000;

  private static final int OTHER_SOCKET = 2_000;

  /** {@return this machine's} */
  static PciDistance ofThisMachine() {
    return new PciDistance(Path.of("/sys"), Path.of("/proc"));
  }

  /**
   * {@return how many steps of the bus are between them; more beyond a root, and most beyond a
   * socket; empty if the device is not on the bus}
   *
   * @param gpu where it is, as {@link #find} says
   */
  Optional<Integer> between(Path gpu, String device) {
    return real(system.resolve("class/infiniband").resolve(device).resolve("device"))
        .map(place -> steps(gpu, place));
  }

  private static int steps(Path one, Path other) {
    int same = 0;
    int least = Math.min(one.getNameCount(), other.getNameCount());
    while (same < least && one.getName(same).equals(other.getName(same))) {
      same++;
    }
    boolean root = same > 0 && one.getName(same - 1).toString().matches("(pci)?[0-9a-f]{4}:.*");
    int steps = one.getNameCount() + other.getNameCount() - 2 * same;
    if (root) {
      return steps;
    }
    return steps + (node(one).equals(node(other)) ? OTHER_ROOT : OTHER_SOCKET);
  }

  private static String node(Path place) {
    return text(place.resolve("numa_node"));
  }

  /** {@return where a GPU is that is told by its address on the bus, or by its UUID} */
  Optional<Path> find(String gpu) {
    String address = shortened(gpu.toLowerCase(Locale.ROOT));
    return real(system.resolve("bus/pci/devices").resolve(address)).or(
        () -> nvidia().stream()
            .filter(one -> told(one).equals(address))
            .findFirst()
            .flatMap(
                one -> real(
                    system.resolve("bus/pci/devices").resolve(String.valueOf(one.getFileName())))));
  }

  /** {@return an address as Linux writes it, whose domain nvidia-smi writes with eight digits} */
  private static String shortened(String address) {
    return address.matches("0000[0-9a-f]{4}:.*") ? address.substring(4) : address;
  }

  private List<Path> nvidia() {
    Path all = processes.resolve("driver/nvidia/gpus");
    if (!Files.isDirectory(all)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(all)) {
      return found.sorted().toList();
    } catch (IOException e) {
      return List.of(); // taken away meanwhile
    }
  }

  private static String told(Path gpu) {
    return text(gpu.resolve("information")).lines()
        .filter(line -> line.startsWith("GPU UUID:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT))
        .findFirst()
        .orElse("");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return ""; // not every machine tells of it
    }
  }

  private static Optional<Path> real(Path link) {
    try {
      return Optional.of(link.toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
