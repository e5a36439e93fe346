package io.pagoda.core.peer;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a tier of peers is set.
 *
 * @param nodes who they are
 * @param deadline how long an answer may take, and a batch of blocks
 * @param pauses how long it waits before it meets a peer again
 */
record PeerTierSettings(List<Node> nodes, Duration deadline, PeerNode.Pauses pauses) {
  /** Copies the list. */
  PeerTierSettings {
    nodes = List.copyOf(nodes);
  }

  /**
   * A peer.
   *
   * @param name what it is called here
   * @param address where it lends; the name may be resolved later
   */
  record Node(String name, InetSocketAddress address) {}

  static PeerTierSettings from(Settings settings) {
    List<Node> nodes = settings.sections("nodes").stream().map(PeerTierSettings::node).toList();
    Set<String> names = new HashSet<>();
    if (nodes.isEmpty() || !nodes.stream().map(Node::name).allMatch(names::add)) {
      throw new SettingsException(
          "%s names one peer at least, and each once, not %s"
              .formatted(settings.origin("nodes"), nodes.stream().map(Node::name).toList()));
    }
    Duration deadline = settings.duration("deadline");
    var pauses =
        new PeerNode.Pauses(settings.duration("retry"), settings.duration("longest-retry"));
    if (!deadline.isPositive() || !pauses.least().isPositive()) {
      throw new SettingsException(
          "%s and retry are longer than zero, not %s and %s"
              .formatted(settings.origin("deadline"), deadline, pauses.least()));
    }
    return new PeerTierSettings(nodes, deadline, pauses);
  }

  private static Node node(Settings node) {
    String address = node.string("address");
    try {
      return new Node(node.string("name"), PeerAddress.parse(address));
    } catch (IllegalArgumentException e) {
      throw new SettingsException(node.origin("address") + ": " + e.getMessage(), e);
    }
  }
}
