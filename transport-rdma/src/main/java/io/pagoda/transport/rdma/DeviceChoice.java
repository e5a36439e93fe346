package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which of a machine's devices a transport may take, the best first. */
final class DeviceChoice {
  private DeviceChoice() {}

  /**
   * {@return names of devices}
   *
   * @param present all that there are, in the order of their names
   */
  static List<String> of(RdmaSettings settings, List<String> present, PciDistance bus) {
    List<String> allowed = allowed(settings.device(), present);
    return settings.near().isEmpty() ? allowed : nearest(settings.near(), allowed, bus);
  }

  private static List<String> allowed(String set, List<String> present) {
    if (set.isBlank()) {
      return present;
    }
    List<String> allowed = new ArrayList<>();
    for (String one : set.split(",", -1)) {
      String word = one.strip();
      boolean number = word.matches("[0-9]{1,4}") && Integer.parseInt(word) < present.size();
      String name = number ? present.get(Integer.parseInt(word)) : word;
      if (!present.contains(name)) {
        throw new PagodaException(
            Fault.PERMANENT, "device: this machine has no RDMA device '%s'. There are: %s"
                .formatted(word, String.join(", ", present)));
      }
      allowed.add(name);
    }
    return allowed;
  }

  private static List<String> nearest(String gpu, List<String> allowed, PciDistance bus) {
    Path place = bus.find(gpu)
        .orElseThrow(
            () -> new PagodaException(
                Fault.PERMANENT,
                ("near: no GPU here has the PCI address or UUID '%s': lspci -D and nvidia-smi -L"
                    + " tell them").formatted(gpu)));
    return allowed.stream()
        .sorted(
            Comparator.comparingInt(device -> bus.between(place, device).orElse(Integer.MAX_VALUE)))
        .toList();
  }
}
