package io.pagoda.core.deploy;

import io.pagoda.KvArrivals;
import io.pagoda.KvCommunicator;
import io.pagoda.KvShard;
import io.pagoda.PoolPart;
import io.pagoda.core.communicate.CommunicatorSettings;
import io.pagoda.core.communicate.TransportCommunicator;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.transport.Transport;
import java.util.List;

/**
 * A communicator that runs as {@code pagoda.communicator} says, on transports that plugins bring.
 *
 * <p><b>Threads.</b> Opened and closed by one thread at a time.
 *
 * <p><b>Memory.</b> It owns its transports and what they hold; the engine's memory is the caller's,
 * who keeps it until this is closed.
 *
 * <p><b>Failures.</b> What was opened before a failure is closed again.
 */
public final class CommunicatorDeployment implements AutoCloseable {
  private final Owned owned;
  private final KvCommunicator communicator;

  private CommunicatorDeployment(Owned owned, KvCommunicator communicator) {
    this.owned = owned;
    this.communicator = communicator;
  }

  /**
   * Opens a communicator.
   *
   * @param config what the operator asks for; the plugins' defaults are put beneath it
   * @param plugins who can open its transports; they must be closed after the deployment
   * @param part the engine's memory: what this rank holds
   * @param shard what of every block that is
   * @param arrivals told of what peers have written
   * @throws io.pagoda.spi.SettingsException if a setting is absent, unknown, malformed or out of
   *     range
   * @throws io.pagoda.core.plugin.PluginException if no transport can be had
   * @throws io.pagoda.PagodaException if a transport or the communicator cannot be opened
   */
  public static CommunicatorDeployment open(
      PagodaConfig config, Plugins plugins, PoolPart part, KvShard shard, KvArrivals arrivals) {
    Section root = config.withDefaults(plugins.defaults()).settings();
    CommunicatorPlan plan = CommunicatorPlan.read(root);
    CommunicatorSettings settings =
        plan.settings(root, ConnectorPlan.name(root.section("communicator")));
    Owned owned = new Owned();
    try {
      List<Transport> transports = plan.transports()
          .open(plugins, owned, settings.name())
          .stream()
          .flatMap(preference -> preference.transport().stream())
          .toList();
      KvCommunicator communicator =
          owned.own(new TransportCommunicator(settings, transports, part, shard, arrivals));
      return new CommunicatorDeployment(owned, communicator);
    } catch (Throwable failure) {
      owned.closeAfter(failure);
      throw failure;
    }
  }

  /** {@return the communicator, closed with the deployment} */
  public KvCommunicator communicator() {
    return communicator;
  }

  /** Closes the communicator and its transports; a second call does nothing. */
  @Override
  public void close() {
    owned.close();
  }
}
