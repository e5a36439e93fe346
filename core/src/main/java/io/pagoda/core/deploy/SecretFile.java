package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads secrets that a configuration names the file of. */
final class SecretFile {
  private static final int LEAST_SECRET = 16;

  private SecretFile() {}

  /** {@return the secret in the file at {@code key}, if that is given} */
  static Optional<byte[]> read(Section section, String key) {
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
}
