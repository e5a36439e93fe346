package io.pagoda.core.config;

import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where settings stand, in an operator's words, and what relative paths there start from.
 *
 * @param file the configuration file as the operator named it
 */
record Place(Optional<Path> file) {
  /** Who sets what no file does. */
  static final String COMMAND_LINE = "command line";

  private static final String ENVIRONMENT = "environment";

  /** {@return where a value stands: its file and line, or whoever else set it} */
  String of(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return shown(Path.of(origin.filename())) + line(origin);
    }
    String description = origin.description();
    if (description.startsWith("env ")) {
      return ENVIRONMENT;
    }
    if (description.startsWith("merge of ")) {
      return name();
    }
    return origin.lineNumber() < 0
        ? description
        : description.substring(0, description.lastIndexOf(": ")) + line(origin);
  }

  /** {@return the whole configuration's name} */
  String name() {
    return file.map(Path::toString).orElse("configuration");
  }

  /** {@return the directory that relative paths of a value with {@code origin} start from} */
  Path directory(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return parent(Path.of(origin.filename()));
    }
    return of(origin).equals(COMMAND_LINE) || of(origin).equals(ENVIRONMENT)
        ? Path.of("").toAbsolutePath()
        : base();
  }

  private Path base() {
    return file.map(Place::parent).orElseGet(() -> Path.of("").toAbsolutePath());
  }

  private static Path parent(Path file) {
    Path absolute = file.toAbsolutePath();
    return Optional.ofNullable(absolute.getParent()).orElse(absolute);
  }

  /** Shows a file beside the operator's as the operator would name it. */
  private Path shown(Path path) {
    if (file.isEmpty() || !path.startsWith(base())) {
      return path;
    }
    return file.get().resolveSibling(base().relativize(path));
  }

  private static String line(ConfigOrigin origin) {
    return origin.lineNumber() < 0 ? "" : ":" + origin.lineNumber();
  }
}
