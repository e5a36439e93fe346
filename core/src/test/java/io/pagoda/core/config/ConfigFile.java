package io.pagoda.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A configuration file called {@code demo.conf}. */
public record ConfigFile(Path path) {
  /** Writes the file. */
  public static ConfigFile of(Path directory, String... lines) {
    try {
      return new ConfigFile(Files.write(directory.resolve("demo.conf"), List.of(lines)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads it. */
  public PagodaConfig load() {
    return PagodaConfig.load(Optional.of(path), Overrides.NONE);
  }

  /** {@return the settings in it} */
  public Section settings() {
    return load().settings();
  }
}
