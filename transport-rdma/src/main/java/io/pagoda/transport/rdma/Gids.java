package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The GIDs of a device's first port, which are addresses of network interfaces where it is RoCE.
 *
 * @param port where Linux tells of it
 */
record Gids(Path port) {
  private static final int BYTES = 16;
  private static final int UNUSED_AT_END = 16;

  /** Of the device of a name. */
  static Gids of(Path devices, String device) {
    return new Gids(devices.resolve(device).resolve("ports/1"));
  }

  /** {@return the address that stands for a GID, by which the connection manager takes it} */
  Optional<InetAddress> usable(int index) {
    return at(index).filter(found -> !found.isLinkLocalAddress());
  }

  /** {@return why a GID cannot be set, and those that can} */
  String without(int index, String device) {
    List<String> all = new ArrayList<>();
    usable().forEach((number, gid) -> all.add(number + " (" + gid + ")"));
    String why = at(index).isEmpty()
        ? "%s has no GID %d".formatted(device, index)
        : "GID %d of %s is no address that the connection manager finds devices by"
            .formatted(index, device);
    return "%s, and these can be set: %s"
        .formatted(why, all.isEmpty() ? "none" : String.join(", ", all));
  }

  /** {@return those that can be set, with their addresses and types} */
  Map<Integer, String> usable() {
    Map<Integer, String> found = new TreeMap<>();
    int unused = 0;
    for (int index = 0; unused < UNUSED_AT_END; index++) {
      Optional<InetAddress> one = at(index);
      unused = one.isPresent() ? 0 : unused + 1;
      if (one.isPresent() && !one.get().isLinkLocalAddress()) {
        found.put(index, one.get().getHostAddress() + type(index));
      }
    }
    return found;
  }

  private String type(int index) {
    try {
      return ", " + Files.readString(port.resolve("gid_attrs/types/" + index)).strip();
    } catch (IOException e) {
      return ""; // not every kernel tells of it
    }
  }

  private Optional<InetAddress> at(int index) {
    try {
      String text = Files.readString(port.resolve("gids/" + index)).strip();
      byte[] gid = HexFormat.of().parseHex(text.replace(":", ""));
      boolean unused = gid.length != BYTES || text.matches("[0:]*");
      return unused ? Optional.empty() : Optional.of(InetAddress.getByAddress(gid));
    } catch (UnknownHostException | IllegalArgumentException e) {
      throw new PagodaException(Fault.PERMANENT, "What Linux tells as a GID is none: " + e, e);
    } catch (IOException e) {
      return Optional.empty(); // an entry of the table that is not used cannot be read
    }
  }
}
