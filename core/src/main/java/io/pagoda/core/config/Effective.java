package io.pagoda.core.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Lists what a configuration amounts to: a tier's keys include what its type's defaults add. */
final class Effective {
  private static final Pattern SECRET = Pattern.compile("(^|-)(secret|password)(-|$)");
  private static final String HIDDEN = "(hidden)";

  /** Lists of parts, and where the settings are that parts of a type have in common. */
  private static final Map<String, String> TYPED = Map.of("tiers", "tier", "devices", "device");

  private final Place place;
  private final List<ConfigEntry> entries = new ArrayList<>();

  Effective(Place place) {
    this.place = place;
  }

  List<ConfigEntry> entries(ConfigObject root) {
    new TreeMap<>(root).forEach((key, value) -> {
      if (TYPED.containsKey(key) && value instanceof ConfigList parts) {
        String types = TYPED.get(key);
        parts(key, parts, PagodaConfig.object(root, types).orElse(PagodaConfig.NOTHING));
      } else {
        add("pagoda." + key, key, value);
      }
    });
    return List.copyOf(entries);
  }

  private void parts(String key, ConfigList parts, ConfigObject types) {
    for (int i = 0; i < parts.size(); i++) {
      ConfigValue part = parts.get(i);
      if (part instanceof ConfigObject object) {
        ConfigValue type = object.getOrDefault("type", PagodaConfig.NOTHING);
        String word = String.valueOf(type.unwrapped());
        part = PagodaConfig.object(types, word).map(object::withFallback).orElse(object);
      }
      add("pagoda." + key + '[' + i + ']', key, part);
    }
  }

  private void add(String name, String key, ConfigValue value) {
    if (value instanceof ConfigObject object && !object.isEmpty()) {
      new TreeMap<>(object).forEach((inner, held) -> add(name + '.' + inner, inner, held));
    } else if (value instanceof ConfigList list && holdsSections(list)) {
      for (int i = 0; i < list.size(); i++) {
        add(name + '[' + i + ']', key, list.get(i));
      }
    } else {
      String shown = SECRET.matcher(key).find() ? HIDDEN : rendered(value);
      entries.add(new ConfigEntry(name, shown, place.of(value.origin())));
    }
  }

  private static boolean holdsSections(ConfigList list) {
    return list.stream().anyMatch(ConfigObject.class::isInstance);
  }

  private static String rendered(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
        ? value.unwrapped().toString()
        : value.render(ConfigRenderOptions.concise());
  }
}
