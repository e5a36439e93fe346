package io.pagoda.core.config;

import io.pagoda.spi.SettingsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a configuration says of plugins before any is loaded.
 *
 * @param directory holds a directory, or one jar, for each plugin; may be absent
 * @param prefer who is to provide what several could, best first: a plugin's name, or its name and
 *     version
 * @param nativeAccess the names of plugins that may call native code; {@code *} is every one
 * @param watch how often a node that runs looks what has come and gone there; zero if never
 */
public record PluginSettings(
    Path directory, List<String> prefer, List<String> nativeAccess, Duration watch) {
  private static final String EVERY = "*";
  private static final Duration OFTENEST = Duration.ofMillis(100);

  /** As the other, of plugins that nobody watches. */
  public PluginSettings(Path directory, List<String> prefer, List<String> nativeAccess) {
    this(directory, prefer, nativeAccess, Duration.ZERO);
  }

  /** Copies the lists. */
  public PluginSettings {
    prefer = List.copyOf(prefer);
    nativeAccess = List.copyOf(nativeAccess);
  }

  /** {@return plugins in a directory, none of which is preferred, and all of which are trusted} */
  public static PluginSettings of(Path directory) {
    return new PluginSettings(directory, List.of(), List.of(EVERY));
  }

  /**
   * Reads the section of plugins.
   *
   * @param plugins {@code pagoda.plugins}
   */
  public static PluginSettings from(Section plugins) {
    return new PluginSettings(
        plugins.path("directory"), plugins.strings("prefer"), plugins.strings("native-access"),
        watch(plugins));
  }

  private static Duration watch(Section plugins) {
    Duration watch = plugins.duration("watch");
    if (watch.isPositive() && watch.compareTo(OFTENEST) < 0) {
      throw new SettingsException(
          plugins.origin("watch") + " must be 0s, which is never, or at least 100ms");
    }
    return watch;
  }

  /** {@return whether the plugin called {@code name} may call native code} */
  public boolean mayCallNative(String name) {
    return nativeAccess.contains(EVERY) || nativeAccess.contains(name);
  }
}
