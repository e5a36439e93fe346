package io.pagoda.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import io.pagoda.spi.SettingsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line sets over the configuration file. Immutable: each method returns more of
 * it.
 *
 * @param tiers what replaces the file's tiers, hottest first; none leaves them alone
 * @param values text by full key
 */
public record Overrides(List<Map<String, String>> tiers, Map<String, String> values) {
  /** Nothing. */
  public static final Overrides NONE = new Overrides(List.of(), Map.of());

  private static final String ROOT = "pagoda";

  /** Copies the parts. */
  public Overrides {
    tiers = List.copyOf(tiers);
    values = Map.copyOf(values);
  }

  /**
   * Adds a tier below those added before; the first replaces all of the file's. It is called as its
   * type, with a number if that is taken.
   *
   * @param text the type and how much it holds, in blocks or bytes: {@code ssd=60000}, {@code
   *     ssd=10GiB}
   * @throws SettingsException if it is written otherwise
   */
  public Overrides tier(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new SettingsException(
          "%s: a tier is written TYPE=BLOCKS or TYPE=SIZE, such as cpu=10000 or ssd=10GiB, not '%s'"
              .formatted(Place.COMMAND_LINE, text));
    }
    String type = text.substring(0, equals);
    String amount = text.substring(equals + 1);
    String key = amount.chars().allMatch(Character::isDigit) ? "blocks" : "capacity";
    var all = new ArrayList<>(tiers);
    all.add(Map.of("type", type, "name", freeName(type), key, amount));
    return new Overrides(all, values);
  }

  private String freeName(String type) {
    long taken = tiers.stream().filter(tier -> type.equals(tier.get("type"))).count();
    return taken == 0 ? type : type + '-' + (taken + 1);
  }

  /** Sets the size of every block. */
  public Overrides blockBytes(String size) {
    return set(ROOT + ".block-bytes", size);
  }

  /** Sets the eviction policy of every tier that does not name its own. */
  public Overrides policy(String name) {
    return set(ROOT + ".eviction.policy", name);
  }

  /**
   * Sets a key.
   *
   * @param key its full name, such as {@code pagoda.engine.copy-threads}
   * @param value what one would write in a file
   * @throws SettingsException if the key is no name below {@code pagoda}
   */
  public Overrides set(String key, String value) {
    try {
      if (key.startsWith(ROOT + '.') && ConfigUtil.splitPath(key).size() > 1) {
        var all = new LinkedHashMap<>(values);
        all.put(key, value);
        return new Overrides(tiers, all);
      }
    } catch (ConfigException e) {
      throw new SettingsException(notAKey(key), e);
    }
    throw new SettingsException(notAKey(key));
  }

  private static String notAKey(String key) {
    return "%s: '%s' is not the full name of a key, such as pagoda.block-bytes"
        .formatted(Place.COMMAND_LINE, key);
  }

  Config config() {
    Config config = ConfigFactory.empty(Place.COMMAND_LINE);
    for (var entry : values.entrySet()) {
      config = config.withValue(
          entry.getKey(), ConfigValueFactory.fromAnyRef(entry.getValue(), Place.COMMAND_LINE));
    }
    return tiers.isEmpty()
        ? config
        : config
            .withValue(ROOT + ".tiers", ConfigValueFactory.fromIterable(tiers, Place.COMMAND_LINE));
  }
}
