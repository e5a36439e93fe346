package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.core.peer.PeerAddress;
import io.pagoda.core.peer.PeerSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Reads how a store behaves towards its peers. */
final class PeerSection {
  private PeerSection() {}

  static PeerSettings read(Section peers) {
    String name = peers.string("name");
    String listen = peers.string("listen");
    Optional<InetSocketAddress> at = listen.isEmpty()
        ? Optional.empty()
        : Optional
            .of(resolved(Blueprint.checked(peers, "listen", () -> PeerAddress.parse(listen))));
    return new PeerSettings(
        name.isEmpty() ? hostName() : name, at, SecretFile.read(peers, "secret-file"),
        peers.duration("lifetime"), peers.number("share"), peers.integer("guests"),
        peers.duration("silence"));
  }

  private static InetSocketAddress resolved(InetSocketAddress address) {
    return new InetSocketAddress(address.getHostString(), address.getPort());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) { // then it has no name
      return "host";
    }
  }
}
