import org.jspecify.annotations.NullMarked;

/**
 * The engine: it knows which block is where, plans what moves, and runs the plans on the tiers that
 * plugins bring.
 */
@NullMarked
@SuppressWarnings("requires-automatic") // some have a name but no descriptor
module io.pagoda.core {
  requires transitive io.pagoda.api;
  requires static org.jspecify;
  requires hash4j;
  requires jdk.jfr;
  requires jdk.management;
  requires typesafe.config;
  requires HdrHistogram;

  exports io.pagoda.core;
  exports io.pagoda.core.bench;
  exports io.pagoda.core.communicate;
  exports io.pagoda.core.config;
  exports io.pagoda.core.connect;
  exports io.pagoda.core.deploy;
  exports io.pagoda.core.door;
  exports io.pagoda.core.graph;
  exports io.pagoda.core.key;
  exports io.pagoda.core.model;
  exports io.pagoda.core.peer;
  exports io.pagoda.core.plugin;
  exports io.pagoda.core.pool;
  exports io.pagoda.core.simulate;
  exports io.pagoda.core.trace;

  uses io.pagoda.spi.device.DeviceProvider;
  uses io.pagoda.spi.eviction.EvictionPolicyProvider;
  uses io.pagoda.spi.tier.TierProvider;
  uses io.pagoda.spi.transport.TransportProvider;

  provides io.pagoda.spi.eviction.EvictionPolicyProvider with
      io.pagoda.core.space.LruPolicyProvider;
  provides io.pagoda.spi.tier.TierProvider with
      io.pagoda.core.peer.PeerTierProvider;
}
