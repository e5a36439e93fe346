package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * By which address a transport uses a device, and whether it can.
 *
 * @param settings what is wanted
 * @param devices where Linux tells of them
 * @param addresses of each device's network interfaces, the best first
 */
record PortChoice(
    RdmaSettings settings, Path devices, Function<String, List<InetAddress>> addresses) {
  /** Of one device; their numbers are bytes, from 1 on. */
  private static final int MOST_PORTS = 256;

  /**
   * {@return the first of several devices that can be used as it is set, as many as are to be}
   *
   * @throws PagodaException if there are not so many, which says why of each that cannot
   */
  List<RdmaPort> of(List<String> wanted) {
    List<String> refused = new ArrayList<>();
    List<RdmaPort> found = new ArrayList<>();
    for (String device : new LinkedHashSet<>(wanted)) { // no device twice
      if (found.size() < settings.rails()) {
        of(device, refused).ifPresent(found::add);
      }
    }
    if (found.isEmpty()) {
      throw new PagodaException(Fault.PERMANENT, why(wanted, refused));
    }
    if (found.size() < settings.rails()) {
      throw new PagodaException(
          Fault.PERMANENT,
          "rails = %d, and of this machine's devices these can be used: %s%s".formatted(
              settings.rails(), String.join(", ", found.stream().map(RdmaPort::device).toList()),
              refused.isEmpty() ? "" : "; " + String.join("; ", refused)));
    }
    return found;
  }

  private String why(List<String> wanted, List<String> refused) {
    return settings.gidIndex() < 0
        ? "No RDMA device%s has an interface with the address '%s': %s".formatted(
            settings.device().isEmpty() ? "" : " " + settings.device(),
            anywhere() ? "any" : settings.listen(), String.join("; ", refused))
        : "gid-index: %s has a GID %d that can be used: %s".formatted(
            wanted.size() == 1 ? "no port of " + wanted.getFirst() : "no RDMA device",
            settings.gidIndex(), String.join("; ", refused));
  }

  private Optional<RdmaPort> of(String device, List<String> refused) {
    InetSocketAddress set = anywhere() ? null : Addresses.parse(settings.listen(), "listen");
    List<InetAddress> found = addresses.apply(device);
    if (settings.gidIndex() >= 0) {
      Gids table = Gids.of(devices, device);
      found = table.usable(settings.gidIndex()).stream().toList();
      if (found.isEmpty()) {
        refused.add(table.without(settings.gidIndex(), device));
        return Optional.empty();
      }
    }
    if (settings.rails() > 1) {
      Optional<String> unfit = unfit(device, found);
      if (unfit.isPresent()) {
        refused.add(unfit.get());
        return Optional.empty();
      }
      found = found.stream().filter(one -> !one.isLinkLocalAddress()).toList();
    }
    for (InetAddress one : found) {
      if (set == null) {
        return Optional.of(new RdmaPort(device, new InetSocketAddress(one, port())));
      }
      if (one.equals(set.getAddress())) {
        return Optional.of(new RdmaPort(device, set));
      }
    }
    refused.add(device + " has " + (found.isEmpty() ? "none" : found));
    return Optional.empty();
  }

  /** {@return why a device is none of several that peers could reach} */
  private Optional<String> unfit(String device, List<InetAddress> found) {
    if (!found.isEmpty() && found.stream().allMatch(InetAddress::isLinkLocalAddress)) {
      return Optional.of(device + " has " + found + " alone, which is of its own wire");
    }
    List<String> states = states(device);
    return states.isEmpty() || states.stream().anyMatch(state -> state.contains("ACTIVE"))
        ? Optional.empty()
        : Optional.of(device + " has no port that is ACTIVE: " + String.join(", ", states));
  }

  /** {@return the states of its ports, as far as they are told} */
  private List<String> states(String device) {
    List<String> all = new ArrayList<>();
    for (int port = 1; port < MOST_PORTS; port++) {
      Path state = devices.resolve(device).resolve("ports/%d/state".formatted(port));
      try {
        all.add(Files.readString(state).strip());
      } catch (NoSuchFileException e) {
        break; // that was the last one
      } catch (IOException e) {
        all.add("unknown: " + e.getMessage());
      }
    }
    return all;
  }

  private boolean anywhere() {
    return settings.listen().isEmpty() || settings.listen().startsWith(":");
  }

  private int port() {
    return settings.listen().length() > 1
        ? Addresses.parse("127.0.0.1" + settings.listen(), "listen").getPort()
        : 0;
  }
}
