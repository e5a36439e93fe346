package io.pagoda.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** Reads what is no configuration, but is written alike. */
public final class Documents {
  private Documents() {}

  /**
   * Reads a JSON object.
   *
   * @param file where it is
   * @param name what messages call it
   * @throws SettingsException if the file cannot be read, or is not a JSON object
   */
  public static Section json(Path file, String name) {
    try {
      String text = Files.readString(file);
      var options = ConfigParseOptions.defaults()
          .setSyntax(ConfigSyntax.JSON)
          .setOriginDescription(file.toString());
      return section(name, ConfigFactory.parseReader(new StringReader(text), options));
    } catch (IOException e) {
      throw new SettingsException(
          "cannot read %s: %s".formatted(file, Files.exists(file) ? e.toString() : "no such file"),
          e);
    } catch (ConfigException e) {
      throw new SettingsException(
          "%s is not a JSON object: %s".formatted(file, Objects.toString(e.getMessage(), "")), e);
    }
  }

  /**
   * Reads HOCON that a module of Pagoda itself brings.
   *
   * @param resource its name, beside {@code owner}
   */
  public static Section bundled(Class<?> owner, String resource) {
    try (InputStream in = Objects.requireNonNull(owner.getResourceAsStream(resource), resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      var options = ConfigParseOptions.defaults().setOriginDescription(resource);
      return section(resource, ConfigFactory.parseString(text, options));
    } catch (IOException e) {
      throw new SettingsException("cannot read %s: %s".formatted(resource, e), e);
    }
  }

  private static Section section(String name, Config config) {
    return new Section(
        name, config.root(), PagodaConfig.NOTHING, new Place(Optional.empty()),
        Complaints.thrown());
  }
}
