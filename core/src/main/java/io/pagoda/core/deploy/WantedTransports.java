package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.transport.TransportProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The transports that a configuration names.
 *
 * @param root what each is set to
 * @param types preferred first: those that may be used
 * @param where who names them, for people
 */
record WantedTransports(Section root, List<String> types, String where) {
  private static final Logger LOG = System.getLogger(WantedTransports.class.getPackageName());

  /**
   * Reads the list at a key of the root.
   *
   * @param fallback whether another than the first may be used
   */
  static WantedTransports of(Section root, String key, boolean fallback) {
    return of(root, root, key, fallback);
  }

  /** As {@link #of(Section, String, boolean)}, from a section. */
  static WantedTransports of(Section root, Section section, String key, boolean fallback) {
    List<String> types = section.strings(key);
    if (types.isEmpty() || types.stream().distinct().count() < types.size()) {
      throw new SettingsException(
          "%s names one transport at least, and each once, not %s"
              .formatted(section.origin(key), types));
    }
    String origin = section.origin(key);
    int end = origin.lastIndexOf(": ");
    return new WantedTransports(
        root, fallback ? types : types.subList(0, 1),
        origin.substring(end + 2) + " at " + origin.substring(0, end));
  }

  /** Opens those that are there; the last is, or it is an error. */
  List<Preference> open(Plugins plugins, Owned owned, String name) {
    List<Preference> transports = new ArrayList<>();
    boolean found = false;
    for (String type : types) {
      Optional<String> absence = absence(plugins, type);
      boolean last = !found && transports.size() == types.size() - 1;
      if (absence.isPresent() && !last) {
        LOG.log(Level.INFO, "The transport ''{0}'' is passed over: {1}", type, absence.get());
        transports.add(Preference.missing(type, absence.get()));
      } else {
        OpenTransport open = owned.own(OpenTransport.open(root, plugins, type, name, where));
        transports.add(Preference.open(open.transport()));
        found = true;
      }
    }
    return transports;
  }

  private Optional<String> absence(Plugins plugins, String type) {
    return plugins.absence(TransportProvider.class, type, where);
  }

  /**
   * Says why none of them can be used.
   *
   * @throws SettingsException if none is there
   */
  void check(Plugins plugins) {
    List<String> absences =
        types.stream().flatMap(type -> absence(plugins, type).stream()).toList();
    if (absences.size() == types.size()) {
      throw new SettingsException(String.join("; ", absences));
    }
  }
}
