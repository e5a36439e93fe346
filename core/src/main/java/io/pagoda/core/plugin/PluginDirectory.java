package io.pagoda.core.plugin;

import io.pagoda.spi.Provider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory that holds a directory, or one jar, for each plugin: what lies there, and what is
 * put in or taken out. Whoever serves from it already is not told.
 *
 * <p><b>Failures.</b> What cannot be put in or taken out leaves everything as it was; a {@link
 * PluginException} says why.
 *
 * @param directory where; may be absent
 */
public record PluginDirectory(Path directory) {
  private static final String COMING = ".coming-";
  private static final String GOING = ".going-";

  private static PluginRules rules() {
    return new PluginRules(PluginRules.layerOf(Provider.class));
  }

  /** {@return the places that are meant to be plugins, by name} */
  public List<Path> places() {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(PluginDirectory::isMeant).sorted().toList();
    } catch (IOException e) {
      throw new PluginException(
          "cannot read the plugins directory %s: %s".formatted(directory, e), e);
    }
  }

  private static boolean isMeant(Path entry) {
    String name = entry.getFileName().toString();
    return !name.startsWith(".") && (Files.isDirectory(entry) || name.endsWith(".jar"));
  }

  /**
   * Tells what the files of a plugin say of it.
   *
   * @param name its name, its name and version, or that of its directory or jar
   */
  public PluginContent content(String name) {
    return content(place(name));
  }

  /** Tells what the files of a plugin say of it, which are in a directory or jar. */
  public static PluginContent content(Path place) {
    return rules().content(place);
  }

  private Path place(String name) {
    List<Path> called = places().stream().filter(place -> isCalled(place, name)).toList();
    if (called.size() == 1) {
      return called.getFirst();
    }
    List<Path> there = places().stream().map(Path::getFileName).toList();
    throw new PluginException(
        called.isEmpty()
            ? "no plugin in %s is called '%s'; there are %s".formatted(directory, name, there)
            : "several plugins are called '%s': say which of %s"
                .formatted(name, called.stream().map(Path::getFileName).toList()));
  }

  private static boolean isCalled(Path place, String name) {
    return place.getFileName().toString().equals(name)
        || id(place).filter(id -> id.isCalled(name)).isPresent();
  }

  /** {@return which plugin a directory or jar is, if it is one} */
  public static Optional<PluginId> id(Path place) {
    try {
      return Optional.of(content(place).id());
    } catch (PluginException _) {
      return Optional.empty(); // what is no plugin has no name but its file's
    }
  }

  /**
   * Puts a plugin in, after it was seen to keep to the rules and its modules to fit together. None
   * of its code runs.
   *
   * @param from a directory, a jar, or a zip of either
   * @return what was put in
   */
  public PluginContent install(Path from) {
    try {
      Files.createDirectories(directory);
      Path coming = Files.createTempDirectory(directory, COMING);
      try {
        Path plugin = new PluginArchive(from).copyBelow(coming);
        return rules().content(moved(plugin, from));
      } finally {
        PluginArchive.delete(coming);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PluginException("cannot install %s in %s: %s".formatted(from, directory, e), e);
    }
  }

  private Path moved(Path plugin, Path from) throws IOException {
    PluginId id = checked(plugin, from);
    for (Path place : places()) {
      if (id(place).filter(id::equals).isPresent()) {
        throw new PluginException("%s is in %s already".formatted(id, place));
      }
    }
    Path place = directory.resolve(id.name() + '-' + id.version());
    if (Files.exists(place)) {
      throw new PluginException("%s is in the way, and is not %s: remove it".formatted(place, id));
    }
    return Files.move(plugin, place, StandardCopyOption.ATOMIC_MOVE);
  }

  private static PluginId checked(Path plugin, Path from) {
    PluginRules rules = rules();
    var layers = new PluginLayers(PluginRules.layerOf(Provider.class), rules, _ -> false);
    try {
      PluginLayers.dissolve(layers.resolve(rules.admit(plugin)));
      return rules.content(plugin).id();
    } catch (PluginException e) {
      throw new PluginException("%s: %s".formatted(from, e.getMessage()), e);
    }
  }

  /**
   * Takes a plugin out.
   *
   * @param name its name, its name and version, or that of its directory or jar
   * @return where it was
   */
  public Path uninstall(String name) {
    Path place = place(name);
    uninstall(place);
    return place;
  }

  /** Takes a directory or jar out that lies there. */
  public void uninstall(Path place) {
    try {
      Path going = Files.createTempDirectory(directory, GOING);
      try {
        Files.move(place, going.resolve(place.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        PluginArchive.delete(going);
      }
    } catch (IOException e) {
      throw new PluginException("cannot uninstall %s: %s".formatted(place, e), e);
    }
  }
}
