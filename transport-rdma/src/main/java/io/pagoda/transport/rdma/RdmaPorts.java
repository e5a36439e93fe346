package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The RDMA devices of this machine, as Linux tells of them in files. */
final class RdmaPorts {
  private static final Path DEVICES = Path.of("/sys/class/infiniband");
  private static final Path MANAGER = Path.of("/dev/infiniband/rdma_cm");

  private static final int UNUSED_AT_END = 16;

  private RdmaPorts() {}

  /** {@return why there is no device that can be used, if there is none} */
  static Optional<String> missing() {
    Optional<String> library = VerbsNative.missing();
    if (library.isPresent()) {
      return library;
    }
    if (devices().isEmpty()) {
      return Optional.of(
          "this machine has no RDMA device. A software one for tests: modprobe rdma_rxe; rdma link"
              + " add rxe0 type rxe netdev eth0");
    }
    if (!Files.exists(MANAGER)) {
      return Optional
          .of(MANAGER + " is not there: modprobe rdma_ucm, or give a container /dev/infiniband");
    }
    return Optional.empty();
  }

  /** {@return each device's network interfaces} */
  static Map<String, List<String>> devices() {
    Map<String, List<String>> found = new LinkedHashMap<>();
    for (Path device : children(DEVICES)) {
      TreeSet<String> interfaces = new TreeSet<>();
      for (Path port : children(device.resolve("ports"))) {
        interfaces.addAll(interfaces(port.resolve("gid_attrs/ndevs")));
      }
      found.put(String.valueOf(device.getFileName()), List.copyOf(interfaces));
    }
    return found;
  }

  /** {@return the names in a table that may have thousands of entries, most of them unused} */
  private static Set<String> interfaces(Path table) {
    Set<String> found = new TreeSet<>();
    int unused = 0;
    for (int index = 0; unused < UNUSED_AT_END; index++) {
      Optional<String> name = text(table.resolve(Integer.toString(index)));
      name.ifPresent(found::add);
      unused = name.isPresent() ? 0 : unused + 1;
    }
    return found;
  }

  private static List<Path> children(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(directory)) {
      return all.sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // taken away meanwhile
    }
  }

  private static Optional<String> text(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException e) {
      return Optional.empty(); // an entry of the table that is not used cannot be read
    }
  }

  /** {@return the addresses of an interface, those of IPv4 first} */
  private static List<InetAddress> addresses(String name) {
    try {
      NetworkInterface found = NetworkInterface.getByName(name);
      if (found == null) {
        return List.of();
      }
      List<InetAddress> all = new ArrayList<>(found.inetAddresses().toList());
      all.sort(
          (one, other) -> Boolean
              .compare(other instanceof Inet4Address, one instanceof Inet4Address));
      return all;
    } catch (SocketException e) {
      return List.of();
    }
  }

  /** {@return where the transport is to be, as it is set} */
  static List<RdmaPort> choose(RdmaSettings settings) {
    missing().ifPresent(why -> {
      throw new PagodaException(Fault.PERMANENT, "No RDMA on this machine: " + why);
    });
    Map<String, List<String>> all = devices();
    List<String> wanted =
        DeviceChoice.of(settings, List.copyOf(all.keySet()), PciDistance.ofThisMachine());
    return new PortChoice(
        settings, DEVICES,
        device -> all.getOrDefault(device, List.of())
            .stream()
            .flatMap(name -> addresses(name).stream())
            .toList())
        .of(wanted);
  }

  /** {@return what an operator has to know} */
  static List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    Optional<String> why = missing();
    all.add(new Finding("rdma", "usable", why.orElse("yes"), why.isPresent()));
    devices().forEach((device, interfaces) -> {
      for (String name : interfaces) {
        all.add(new Finding(device, "interface", name + " " + addresses(name)));
      }
      Gids.of(DEVICES, device)
          .usable()
          .forEach((index, gid) -> all.add(new Finding(device, "GID " + index, gid)));
      for (Path port : children(DEVICES.resolve(device).resolve("ports"))) {
        String number = "port " + port.getFileName();
        String state = text(port.resolve("state")).orElse("unknown");
        all.add(
            new Finding(
                device, number, state + ", " + text(port.resolve("rate")).orElse("") + ", "
                    + text(port.resolve("link_layer")).orElse(""),
                !state.contains("ACTIVE")));
      }
    });
    lockable().ifPresent(all::add);
    if (why.isEmpty()) {
      GpuWay way = Provider.FFM.gpus();
      boolean unmoved = way instanceof GpuWay.None none && none.gpu();
      String asked = way instanceof GpuWay.DmaBuf ? ", of a device that takes it" : "";
      all.add(new Finding("rdma", "memory of GPUs", way.text() + asked, unmoved));
    }
    return all;
  }

  private static Optional<Finding> lockable() {
    return text(Path.of("/proc/self/limits")).flatMap(
        limits -> limits.lines().filter(line -> line.startsWith("Max locked memory")).findFirst())
        .map(line -> {
          String value = line.split("\\s{2,}", -1)[1];
          boolean unlimited = value.equals("unlimited");
          return new Finding(
              "rdma", "memory that may be locked",
              unlimited
                  ? value
                  : value + " bytes: registering more fails unless the process is"
                      + " root; raise `ulimit -l`",
              !unlimited && !"root".equals(System.getProperty("user.name")));
        });
  }
}
