package io.pagoda.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The defaults that a module brings, which are also the list of the keys it knows.
 *
 * @param module whose
 * @param text its {@code reference.conf}
 */
public record Reference(String module, String text) {
  private static final String FILE = "reference.conf";

  /**
   * Reads the defaults of a module.
   *
   * @param module a named module; another has none, and the engine's are always read
   * @param sections the full names of the sections that it may set
   * @throws SettingsException if they cannot be read, are malformed or set anything else
   */
  public static Optional<Reference> in(Module module, List<String> sections) {
    if (!module.isNamed() || module.equals(Reference.class.getModule())) {
      return Optional.empty();
    }
    Optional<Reference> found = text(module).map(text -> new Reference(module.getName(), text));
    found.ifPresent(reference -> reference.refuseOutside(sections));
    return found;
  }

  /** {@return the defaults of the engine itself} */
  static Reference ofCore() {
    Module core = Reference.class.getModule();
    return new Reference("io.pagoda.core", text(core).orElseThrow());
  }

  private static Optional<String> text(Module module) {
    try (InputStream in = module.getResourceAsStream(FILE)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SettingsException(
          "cannot read %s of %s: %s".formatted(FILE, module.getName(), e), e);
    }
  }

  private void refuseOutside(List<String> sections) {
    for (Map.Entry<String, ConfigValue> entry : parse().entrySet()) {
      String key = entry.getKey();
      if (sections.stream().noneMatch(section -> key.startsWith(section + '.'))) {
        throw new SettingsException(
            "%s: a module sets what its own parts read, %s, but not %s"
                .formatted(where(entry.getValue()), sections, key));
      }
    }
  }

  private static String where(ConfigValue value) {
    return new Place(Optional.empty()).of(value.origin());
  }

  /**
   * Parses the text.
   *
   * @throws SettingsException if it is malformed
   */
  Config parse() {
    String origin = FILE + " of " + module;
    try {
      return ConfigFactory
          .parseString(text, ConfigParseOptions.defaults().setOriginDescription(origin));
    } catch (ConfigException e) {
      throw new SettingsException(Objects.toString(e.getMessage(), origin), e);
    }
  }
}
