package io.pagoda.core.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directory that holds a directory, or one jar, for each plugin. */
final class PluginDirectory {
  private PluginDirectory() {}

  /** {@return the places in {@code directory} that are meant to be plugins, by name} */
  static List<Path> places(Path directory) {
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
}
