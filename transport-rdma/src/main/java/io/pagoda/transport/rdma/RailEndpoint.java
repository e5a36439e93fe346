package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.PeerMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The endpoints of several devices. Its metadata is that of the first, which says where the others
 * are beside: a peer that knows of one device connects to that.
 *
 * @param parts the endpoint of each
 */
record RailEndpoint(List<RdmaEndpoint> parts) implements Endpoint {
  /** By which names further ones are told, from 1 on: where they are, and their MTU. */
  private static final String ADDRESS = "rail-%d";

  private static final String ADDRESS_MTU = "rail-%d-mtu";

  /** {@return how a peer is reached, by each of its devices} */
  static List<PeerMetadata> ways(PeerMetadata peer) {
    List<PeerMetadata> all = new ArrayList<>(List.of(peer));
    for (int i = 1; i < RdmaSettings.MOST_RAILS; i++) {
      String address = peer.properties().get(ADDRESS.formatted(i));
      if (address == null) {
        break;
      }
      String mtu = peer.properties().getOrDefault(ADDRESS_MTU.formatted(i), "");
      all.add(
          new PeerMetadata(
              peer.transport(), peer.name(), peer.generation(), address,
              Map.of(Mtu.PROPERTY, mtu)));
    }
    return all;
  }

  @Override
  public PeerMetadata metadata() {
    return joined(parts.stream().map(RdmaEndpoint::metadata).toList());
  }

  /** {@return what peers are told of several ways to one transport} */
  static PeerMetadata joined(List<PeerMetadata> all) {
    PeerMetadata first = all.getFirst();
    Map<String, String> properties = new HashMap<>(first.properties());
    for (int i = 1; i < all.size(); i++) {
      properties.put(ADDRESS.formatted(i), all.get(i).address());
      properties
          .put(ADDRESS_MTU.formatted(i), all.get(i).properties().getOrDefault(Mtu.PROPERTY, ""));
    }
    return new PeerMetadata(
        first.transport(), first.name(), first.generation(), first.address(), properties);
  }

  /** {@return those who are connected by any of them} */
  Stream<Guest> guests() {
    return parts.stream().flatMap(part -> part.guests().stream());
  }

  @Override
  public void close() {
    parts.forEach(RdmaEndpoint::close);
  }
}
