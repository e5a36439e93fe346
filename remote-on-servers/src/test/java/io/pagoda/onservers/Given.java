package io.pagoda.onservers;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Settings of a test, over the defaults of the plugins. */
record Given(Config config) implements Settings {
  static Given of(String type, Map<String, ?> values) {
    var defaults = ConfigFactory
        .parseResources("reference.conf", ConfigParseOptions.defaults().setAllowMissing(false))
        .resolve();
    return new Given(
        ConfigFactory.parseMap(values).withFallback(defaults.getConfig("pagoda.tier." + type)));
  }

  @Override
  public String string(String key) {
    return config.getString(key);
  }

  @Override
  public List<String> strings(String key) {
    return config.getStringList(key);
  }

  @Override
  public int integer(String key) {
    return config.getInt(key);
  }

  @Override
  public double number(String key) {
    return config.getDouble(key);
  }

  @Override
  public boolean flag(String key) {
    return config.getBoolean(key);
  }

  @Override
  public ByteSize bytes(String key) {
    return new ByteSize(config.getBytes(key));
  }

  @Override
  public Duration duration(String key) {
    String text = config.getString(key);
    // The one unit that has another name in HOCON's own reading.
    return text.endsWith("min")
        ? Duration.ofMinutes(Long.parseLong(text.substring(0, text.length() - "min".length())))
        : config.getDuration(key);
  }

  @Override
  public Path path(String key) {
    return Path.of(config.getString(key));
  }

  @Override
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    return Enum.valueOf(type, config.getString(key).toUpperCase(Locale.ROOT));
  }

  @Override
  public Settings section(String key) {
    return new Given(config.getConfig(key));
  }

  @Override
  public List<Settings> sections(String key) {
    return config.getConfigList(key).stream().<Settings>map(Given::new).toList();
  }

  @Override
  public boolean has(String key) {
    return config.hasPath(key);
  }

  @Override
  public String origin(String key) {
    return "test: " + key;
  }
}
