package io.pagoda.core.deploy;

import io.pagoda.Connector;
import io.pagoda.OperationTerms;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.connect.TransportConnector;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

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
  private static final Logger LOG = System.getLogger(ConnectorDeployment.class.getPackageName());
  private static final int LEAST_SECRET = 16;

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
    ConnectorSettings settings = settings(root);
    Owned owned = new Owned();
    try {
      List<Preference> transports =
          new Opening(root, plugins, owned, settings).open(wanted(root, settings));
      return new ConnectorDeployment(
          owned, transports, owned.own(new TransportConnector(settings, transports)));
    } catch (Throwable failure) {
      closeAfter(failure, owned);
      throw failure;
    }
  }

  private static void closeAfter(Throwable failure, Owned owned) {
    try {
      owned.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** {@return the transports to open: without fallback, no other than the first is used} */
  private static List<String> wanted(Section root, ConnectorSettings settings) {
    List<String> types = types(root);
    return settings.fallback() ? types : types.subList(0, 1);
  }

  private static List<String> types(Section root) {
    List<String> types = root.strings("transports");
    if (types.isEmpty() || types.stream().distinct().count() < types.size()) {
      throw new SettingsException(
          "%s names one transport at least, and each once, not %s"
              .formatted(root.origin("transports"), types));
    }
    return types;
  }

  private static ConnectorSettings settings(Section root) {
    Section section = root.section("connector");
    Duration deadline = section.duration("deadline");
    Duration connect = section.duration("connect-timeout");
    if (!deadline.isPositive() || !connect.isPositive()) {
      throw new SettingsException(
          "%s and connect-timeout must be longer than zero, not %s and %s"
              .formatted(section.origin("deadline"), deadline, connect));
    }
    String name = section.string("name");
    return new ConnectorSettings(
        name.isEmpty() ? ownName() : name, OperationTerms.within(deadline),
        section.flag("fallback"), connect, secret(section), section.strings("devices"));
  }

  private static String ownName() {
    String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
    try {
      return InetAddress.getLocalHost().getHostName() + "-" + number;
    } catch (UnknownHostException _) { // then it has no name
      return "host-" + number;
    }
  }

  private static Optional<byte[]> secret(Section section) {
    String key = "secret-file";
    if (!section.has(key)) {
      return Optional.empty();
    }
    Path file = section.path(key);
    try {
      byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      if (secret.length < LEAST_SECRET) {
        throw new SettingsException(
            "%s: a secret has at least %d characters; %s has %d"
                .formatted(section.origin(key), LEAST_SECRET, file, secret.length));
      }
      return Optional.of(secret);
    } catch (IOException e) {
      throw new SettingsException(
          "%s: cannot read %s: %s".formatted(section.origin(key), file, e), e);
    }
  }

  /** Opens transports. */
  private record Opening(Section root, Plugins plugins, Owned owned, ConnectorSettings settings) {
    List<Preference> open(List<String> types) {
      List<Preference> transports = new ArrayList<>();
      boolean found = false;
      for (String type : types) {
        Optional<String> absence = plugins.absence(TransportProvider.class, type, where());
        boolean last = !found && transports.size() == types.size() - 1;
        if (absence.isPresent() && !last) {
          LOG.log(Level.INFO, "The transport ''{0}'' is passed over: {1}", type, absence.get());
          transports.add(Preference.missing(type, absence.get()));
        } else {
          transports.add(Preference.open(transport(type)));
          found = true;
        }
      }
      return transports;
    }

    private Transport transport(String type) {
      return owned.own(OpenTransport.open(root, plugins, type, settings.name(), where()))
          .transport();
    }

    private String where() {
      String origin = root.origin("transports");
      return "pagoda.transports at " + origin.substring(0, origin.lastIndexOf(": "));
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
