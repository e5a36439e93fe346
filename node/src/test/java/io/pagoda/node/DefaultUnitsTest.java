package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pagoda.core.config.ConfigEntry;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Reference;
import io.pagoda.core.config.Section;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A default that looks like a size or a time span is one, in units that the engine reads. */
class DefaultUnitsTest {
  private static final Pattern QUANTITY = Pattern.compile("\\d+(\\.\\d+)? *[A-Za-z]+");
  private static final Pattern EXAMPLE = Pattern.compile("= \"?(" + QUANTITY + ")\\b");

  static List<String> modules() {
    return ConfigReferenceTest.MODULES;
  }

  private static String text(String module) throws IOException {
    return SourceTree.text(module + "/src/main/resources/reference.conf");
  }

  @Test
  void knowsEveryModuleThatHasDefaults() throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> folders = Files.list(SourceTree.path(""))) {
      folders.filter(folder -> Files.exists(folder.resolve("src/main/resources/reference.conf")))
          .forEach(folder -> found.add(folder.getFileName().toString()));
    }
    assertEquals(found, new TreeSet<>(modules()));
  }

  /** As the product reads them: the module's defaults over the engine's, section by section. */
  @ParameterizedTest
  @MethodSource("modules")
  void everyDefaultIsReadable(String module) throws IOException {
    PagodaConfig config = PagodaConfig.load(Optional.empty(), Overrides.NONE)
        .withDefaults(List.of(new Reference(module, text(module))));
    List<ConfigEntry> quantities = config.entries()
        .stream()
        .filter(entry -> QUANTITY.matcher(entry.value()).matches())
        .toList();
    assertFalse(quantities.isEmpty(), "no entry is found to be a quantity");
    Section settings = config.settings();
    quantities.forEach(entry -> read(settings, entry.key()));
  }

  /** What a comment says that one may write. */
  @ParameterizedTest
  @MethodSource("modules")
  void everyExampleIsReadable(String module) throws IOException {
    Matcher examples = EXAMPLE.matcher(text(module));
    while (examples.find()) {
      PagodaConfig config = PagodaConfig
          .load(Optional.empty(), Overrides.NONE.set("pagoda.example", examples.group(1)));
      read(config.settings(), "pagoda.example");
    }
  }

  private static void read(Section root, String key) {
    String[] names = key.split("\\.", -1);
    Settings section = root;
    for (int i = 1; i < names.length - 1; i++) {
      section = section.section(names[i]);
    }
    String last = names[names.length - 1];
    try {
      assertFalse(section.duration(last).isNegative());
    } catch (SettingsException noDuration) {
      readSize(section, last, noDuration);
    }
  }

  private static void readSize(Settings section, String key, SettingsException noDuration) {
    try {
      assertFalse(section.bytes(key).bytes() < 0);
    } catch (SettingsException noSize) {
      throw new AssertionError(noDuration.getMessage() + "; " + noSize.getMessage(), noSize);
    }
  }
}
