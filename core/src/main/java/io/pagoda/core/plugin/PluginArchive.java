package io.pagoda.core.plugin;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What somebody hands over as a plugin: a directory, a jar, or a zip of either.
 *
 * @param from where it is
 */
record PluginArchive(Path from) {
  /** Copies it to somewhere below {@code work}, and returns where the plugin's files are. */
  Path copyBelow(Path work) throws IOException {
    Path to = Files.createDirectory(work.resolve("plugin"));
    String name = from.getFileName().toString();
    if (Files.isDirectory(from)) {
      return copied(to);
    }
    if (!Files.isRegularFile(from)) {
      throw new PluginException("there is no %s: name a directory, a jar or a zip".formatted(from));
    }
    if (name.endsWith(".jar")) {
      Files.copy(from, to.resolve(name));
      return to;
    }
    if (name.endsWith(".zip")) {
      unpack(to);
      return inner(to);
    }
    throw new PluginException("%s is no plugin: name a directory, a jar or a zip".formatted(from));
  }

  private Path copied(Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(file)) {
          Files.copy(file, copy);
        } else if (!file.equals(from)) {
          Files.createDirectory(copy);
        }
      }
    }
    return to;
  }

  private void unpack(Path to) throws IOException {
    try (var zip = new ZipInputStream(Files.newInputStream(from))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = to.resolve(entry.getName()).normalize();
        if (!file.startsWith(to)) {
          throw new PluginException(
              "%s would write outside of itself, to %s: do not trust it"
                  .formatted(from, entry.getName()));
        }
        unpack(zip, entry, file);
      }
    }
  }

  private static void unpack(ZipInputStream zip, ZipEntry entry, Path file) throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(file);
    } else {
      Files.createDirectories(file.getParent());
      Files.copy(zip, file);
    }
  }

  /** Who packs a directory may have packed what is in it, or the directory itself. */
  private static Path inner(Path unpacked) throws IOException {
    try (Stream<Path> entries = Files.list(unpacked)) {
      List<Path> top = entries.toList();
      return top.size() == 1 && Files.isDirectory(top.getFirst()) ? top.getFirst() : unpacked;
    }
  }

  /** Deletes a directory and all in it, if it is there. */
  static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      Files.walkFileTree(directory, new Deletion());
    }
  }

  /** Deletes what it visits. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
