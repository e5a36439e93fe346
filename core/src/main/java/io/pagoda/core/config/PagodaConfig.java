package io.pagoda.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import io.pagoda.spi.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A configuration: the command line over a file over the defaults of the modules.
 *
 * <p>All of it is below the key {@code pagoda}. A file may have other keys at its top, for its own
 * substitutions.
 *
 * <p>The plugins are found with the configuration, and bring defaults to it: read {@link
 * #plugins} first, then add what was found with {@link #withDefaults}.
 */
public final class PagodaConfig {
  static final ConfigObject NOTHING = ConfigFactory.empty().root();
  private static final String ROOT = "pagoda";

  private final Place place;
  private final Config written;
  private final List<Reference> references;

  private PagodaConfig(Place place, Config written, List<Reference> references) {
    this.place = place;
    this.written = written;
    this.references = List.copyOf(references);
  }

  /**
   * Reads a configuration.
   *
   * @param file what the operator wrote, in HOCON, if anything
   * @param overrides what the command line says
   * @throws SettingsException if the file cannot be read, is malformed or has no {@code pagoda}
   */
  public static PagodaConfig load(Optional<Path> file, Overrides overrides) {
    Place place = new Place(file);
    Config written = overrides.config();
    if (file.isPresent()) {
      written = written.withFallback(parse(place, file.get()));
    }
    return new PagodaConfig(place, written, List.of(Reference.ofCore()));
  }

  /** Returns this configuration over further defaults. */
  public PagodaConfig withDefaults(List<Reference> more) {
    var all = new ArrayList<>(references);
    more.stream().filter(reference -> !all.contains(reference)).forEach(all::add);
    return new PagodaConfig(place, written, all);
  }

  /** {@return what is said of plugins; the one section that does not wait for their defaults} */
  public PluginSettings plugins() {
    return PluginSettings.from(root(lenient(), Complaints.thrown()).section("plugins"));
  }

  /**
   * Returns everything below {@code pagoda}, of which nothing was read yet.
   *
   * @throws SettingsException if a substitution cannot be resolved
   */
  public Section settings() {
    return settings(Complaints.thrown());
  }

  /**
   * As {@link #settings()}, of which {@code complaints} is told what is wrong.
   *
   * @throws SettingsException if a substitution cannot be resolved
   */
  public Section settings(Complaints complaints) {
    return root(resolved(), complaints);
  }

  /** {@return every key, in alphabetical order, what it is set to and by whom} */
  public List<ConfigEntry> entries() {
    return new Effective(place).entries(resolved().getConfig(ROOT).root());
  }

  private Section root(Config config, Complaints complaints) {
    Config known = defaults().resolve(leniently());
    return new Section(
        ROOT, config.getConfig(ROOT).root(), known.getConfig(ROOT).root(), place, complaints);
  }

  private Config resolved() {
    try {
      return written.withFallback(defaults()).resolve();
    } catch (ConfigException e) {
      throw malformed(place, e);
    }
  }

  private Config lenient() {
    return written.withFallback(defaults()).resolve(leniently());
  }

  private static ConfigResolveOptions leniently() {
    return ConfigResolveOptions.defaults().setAllowUnresolved(true);
  }

  private Config defaults() {
    return references.stream()
        .map(Reference::parse)
        .reduce(ConfigFactory.empty(), Config::withFallback);
  }

  private static Config parse(Place place, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SettingsException(
          "%s: cannot read the configuration: %s".formatted(file, complaint(file)));
    }
    try {
      Config config = ConfigFactory.parseFile(
          file.toAbsolutePath().toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
      refuseOtherRoots(place, config.root());
      return config;
    } catch (ConfigException e) {
      throw malformed(place, e);
    }
  }

  private static String complaint(Path file) {
    if (Files.isDirectory(file)) {
      return "it is a directory";
    }
    return Files.exists(file) ? "permission denied" : "no such file";
  }

  /** Refuses a file that says nothing because its one section is misspelt. */
  private static void refuseOtherRoots(Place place, ConfigObject top) {
    if (top.containsKey(ROOT)) {
      return;
    }
    for (var other : top.entrySet()) {
      throw new SettingsException(
          "%s: all settings are below '%s', which this file lacks; it begins with '%s'"
              .formatted(place.of(other.getValue().origin()), ROOT, other.getKey()));
    }
  }

  private static SettingsException malformed(Place place, ConfigException e) {
    String message = Objects.toString(e.getMessage(), e.toString());
    if (e.origin() == null) {
      return new SettingsException(place.name() + ": " + message, e);
    }
    String prefix = e.origin().description() + ": ";
    String rest = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    return new SettingsException(place.of(e.origin()) + ": " + rest, e);
  }

  static Optional<ConfigObject> object(ConfigObject parent, String key) {
    ConfigValue value = parent.getOrDefault(key, NOTHING);
    return value instanceof ConfigObject object ? Optional.of(object) : Optional.empty();
  }
}
