package io.pagoda.core.deploy;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A transport of a plugin, opened as a configuration says. Closing it closes the transport. */
public final class OpenTransport implements AutoCloseable {
  /** Transports know nothing of blocks. */
  private static final long NO_BLOCKS = 1;

  private final Owned owned;
  private final Transport transport;

  private OpenTransport(Owned owned, Transport transport) {
    this.owned = owned;
    this.transport = transport;
  }

  /**
   * Opens a transport.
   *
   * @param config what it is set to: the section of its type
   * @param plugins who can open it
   * @param type the word that a plugin provides, such as {@code tcp}
   * @param name how the transport calls itself to peers
   * @throws io.pagoda.spi.SettingsException if a setting is wrong
   * @throws io.pagoda.PagodaException if it cannot be opened, or no plugin provides the type
   */
  public static OpenTransport open(PagodaConfig config, Plugins plugins, String type, String name) {
    Section root = config.withDefaults(plugins.defaults()).settings();
    return open(root, plugins, type, name, "for the transport " + name);
  }

  /**
   * As {@link #open(PagodaConfig, Plugins, String, String)}, with the plugins' defaults beneath the
   * settings already.
   *
   * @param where who asks for it, for people
   */
  static OpenTransport open(Section root, Plugins plugins, String type, String name, String where) {
    Owned owned = new Owned();
    try {
      Section settings = root.section("transport").partOf(type);
      Lease<TransportProvider> lease =
          owned.own(plugins.lease(TransportProvider.class, type, where));
      ExecutorService blocking = owned.own(Executors.newVirtualThreadPerTaskExecutor());
      Host host = new LentHost(name, NO_BLOCKS, lease.within(blocking));
      Transport transport = owned.own(lease.call(provider -> provider.open(settings, host)));
      settings.refuseUnknown();
      return new OpenTransport(owned, transport);
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  /** {@return the transport, open until this is closed} */
  public Transport transport() {
    return transport;
  }

  @Override
  public void close() {
    owned.close();
  }
}
