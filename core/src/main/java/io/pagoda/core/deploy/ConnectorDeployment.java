package io.pagoda.core.deploy;

import io.pagoda.Connector;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.connect.StagingMemory;
import io.pagoda.core.connect.TransportConnector;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.transport.Capabilities.Feature;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * A connector that runs as a configuration says, on transports that plugins bring.
 *
 * <p><b>Threads.</b> Opened and closed by one thread at a time.
 *
 * <p><b>Memory.</b> It owns its transports and all that they hold; and, if some transport does not
 * move memory of devices, those devices of {@code pagoda.devices} that {@code
 * pagoda.connector.devices} names, and the memory that is staged through.
 *
 * <p><b>Failures.</b> What was opened before a failure is closed again.
 */
public final class ConnectorDeployment implements AutoCloseable {
  /** Connectors know nothing of blocks. */
  private static final long NO_BLOCKS = 1;

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
   * @throws PagodaException if a transport or a device cannot be opened
   */
  public static ConnectorDeployment open(PagodaConfig config, Plugins plugins) {
    Section root = config.withDefaults(plugins.defaults()).settings();
    ConnectorSettings settings = ConnectorPlan.settings(root);
    Owned owned = new Owned();
    try {
      WantedTransports wanted = WantedTransports.of(root, "transports", settings.fallback());
      Arena arena = owned.own(Arena.ofShared()); // closed after the devices that pin it
      List<Preference> transports = wanted.open(plugins, owned, settings.name());
      List<Device> devices = ConnectorPlan.staging(root) > 0 && staging(transports, settings)
          ? new OpenDevices(plugins, owned, NO_BLOCKS).open(devices(root, settings))
          : List.of();
      StagingMemory staging = new StagingMemory(arena, ConnectorPlan.staging(root), devices);
      return new ConnectorDeployment(
          owned, transports, owned.own(new TransportConnector(settings, transports, staging)));
    } catch (Throwable failure) {
      owned.closeAfter(failure);
      throw failure;
    }
  }

  /** {@return whether there is a device whose memory a transport does not move} */
  private static boolean staging(List<Preference> transports, ConnectorSettings settings) {
    return !settings.devices().isEmpty()
        && transports.stream()
            .flatMap(one -> one.transport().stream())
            .anyMatch(one -> one.capabilities().missing().containsKey(Feature.DEVICE_MEMORY));
  }

  /** {@return those that are the connector's; one that says no UUID may be} */
  private static List<DevicePlan> devices(Section root, ConnectorSettings settings) {
    return root.elements("devices")
        .stream()
        .map(device -> DevicePlan.read(root, device))
        .filter(plan -> {
          String uuid = plan.settings().has("uuid") ? plan.settings().string("uuid") : "";
          return uuid.isEmpty() || settings.devices().contains(uuid);
        })
        .toList();
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
