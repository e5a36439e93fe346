package io.pagoda.core.deploy;

import io.pagoda.KvRole;
import io.pagoda.core.communicate.CommunicatorSettings;
import io.pagoda.core.config.Section;
import io.pagoda.spi.SettingsException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a configuration says of communicators, but for the model.
 *
 * @param role what the worker does, if it says
 * @param transports preferred first
 * @param bind where it takes connections
 * @param connectTimeout how long connecting may take
 * @param deadline how long a write may take
 * @param lifetime how long a peer may write without connecting again
 * @param secret what both sides know
 */
record CommunicatorPlan(
    Optional<KvRole> role, WantedTransports transports, InetSocketAddress bind,
    Duration connectTimeout, Duration deadline, Duration lifetime, Optional<byte[]> secret) {
  private static final int PORTS = 1 << 16;

  static CommunicatorPlan read(Section root) {
    Section section = root.section("communicator");
    Optional<KvRole> role =
        section.has("role") ? Optional.of(section.choice("role", KvRole.class)) : Optional.empty();
    boolean own = !section.strings("transports").isEmpty();
    return new CommunicatorPlan(
        role, WantedTransports.of(root, own ? section : root, "transports", true), bind(section),
        ConnectorPlan.time(section, "connect-timeout"), ConnectorPlan.time(section, "deadline"),
        ConnectorPlan.time(section, "lifetime"), SecretFile.read(section, "secret-file"));
  }

  /** {@return the settings of a worker that calls itself so} */
  CommunicatorSettings settings(Section root, String name) {
    Section section = root.section("communicator");
    KvRole known = role.orElseThrow(
        () -> new SettingsException(
            section.origin("role") + " must say what the worker does: prefill or decode"));
    return new CommunicatorSettings(
        name, known, ModelSettings.from(root.section("model")).name(), bind, connectTimeout,
        deadline, lifetime, secret);
  }

  private static InetSocketAddress bind(Section section) {
    int port = section.integer("port");
    if (port < 0 || port >= PORTS) {
      throw new SettingsException(
          "%s must be 0 to %d, not %d".formatted(section.origin("port"), PORTS - 1, port));
    }
    return new InetSocketAddress(address(section), port);
  }

  /** {@return the address that an interface has, or that is named} */
  private static InetAddress address(Section section) {
    String name = section.string("interface");
    try {
      NetworkInterface found = NetworkInterface.getByName(name);
      if (found == null) {
        return InetAddress.getByName(name);
      }
      return found.inetAddresses()
          .min(Comparator.comparing(one -> !(one instanceof Inet4Address)))
          .orElseThrow(() -> new UnknownHostException("the interface has no address"));
    } catch (SocketException | UnknownHostException e) {
      throw new SettingsException(
          "%s: '%s' is no interface, address or host of this machine: %s"
              .formatted(section.origin("interface"), name, e.getMessage()),
          e);
    }
  }
}
