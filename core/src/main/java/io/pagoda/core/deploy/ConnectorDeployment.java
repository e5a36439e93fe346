package io.pagoda.core.deploy;

import io.pagoda.Connector;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.connect.TransportConnector;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import java.util.List;

/**
 * A connector that runs as a configuration says, on transports that plugins bring.
 *
 * <p><b>Threads.</b> Opened and closed by one thread at a time.
 *
 * <p><b>Memory.</b> It owns its transports and all that they hold.
 *
 * <p><b>Failures.</b> What was opened before a failure is closed again.
 */
public final class ConnectorDeployment implements AutoCloseable {
  private final Owned owned;
  private final List<Preference> transports;
  private final Connector connector;

  private ConnectorDeployment(Owned owned, List<Preference> transports, Connector connector) {
    this.owned = owned;
    this.transports = transports;
    this.connector = connector;
  }

  /**
   * Opens a connector.
   *
   * @param config what the operator asks for; the plugins' defaults are put beneath it
   * @param plugins who can open its transports; they must be closed after the deployment
   * @throws SettingsException if a setting is absent, unknown, malformed or out of range
   * @throws io.pagoda.core.plugin.PluginException if no transport can be had, or, without fallback,
   *     not the first
   * @throws PagodaException if a transport cannot be opened
   */
  public static ConnectorDeployment open(PagodaConfig config, Plugins plugins) {
    Section root = config.withDefaults(plugins.defaults()).settings();
    ConnectorSettings settings = ConnectorPlan.settings(root);
    Owned owned = new Owned();
    try {
      WantedTransports wanted = WantedTransports.of(root, "transports", settings.fallback());
      List<Preference> transports = wanted.open(plugins, owned, settings.name());
      return new ConnectorDeployment(
          owned, transports, owned.own(new TransportConnector(settings, transports)));
    } catch (Throwable failure) {
      owned.closeAfter(failure);
      throw failure;
    }
  }

  /** {@return the connector, closed with the deployment} */
  public Connector connector() {
    return connector;
  }

  /** {@return its transports, preferred first, and why some are missing} */
  public List<Preference> transports() {
    return transports;
  }

  /** Closes the connector and its transports; a second call does nothing. */
  @Override
  public void close() {
    owned.close();
  }
}
