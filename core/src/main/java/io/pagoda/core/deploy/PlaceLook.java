package io.pagoda.core.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a place looks like; two looks that are equal have found the same.
 *
 * @param files its files with their sizes and times, or why they cannot be read
 * @param readable whether they can
 */
record PlaceLook(String files, boolean readable) {
  /** Looks at a directory or a jar, and where links lead. */
  static PlaceLook at(Path place) {
    try (Stream<Path> files = Files.walk(place, FileVisitOption.FOLLOW_LINKS)) {
      List<String> entries = new ArrayList<>();
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        entries.add("%s %d %s".formatted(file, attributes.size(), attributes.lastModifiedTime()));
      }
      return new PlaceLook(String.join("\n", entries), true);
    } catch (IOException | UncheckedIOException e) { // which may be over soon
      return new PlaceLook("it cannot be read: " + e, false);
    }
  }

  /** {@return what tells a directory from another of its name; empty if there is none} */
  static Optional<Object> key(Path directory) {
    try {
      @Nullable Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
      return Optional.of(key == null ? directory : key);
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
