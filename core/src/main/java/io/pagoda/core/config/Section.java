package io.pagoda.core.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A section that remembers which of its keys were asked for. A key is known if it was, or if a
 * module's defaults have it.
 */
public final class Section implements Settings {
  private final String name;
  private final ConfigObject values;
  private final ConfigObject defaults;
  private final ConfigOrigin origin;
  private final Place place;
  private final Complaints complaints;
  private final SortedSet<String> declared;
  private final Map<String, Section> sections = new LinkedHashMap<>();
  private final Map<String, List<Section>> lists = new LinkedHashMap<>();

  /**
   * Creates a section.
   *
   * @param name its full name
   * @param values what it holds, defaults included
   * @param defaults what modules say it may hold
   * @param place where it stands
   * @param complaints told what is wrong with it
   */
  Section(
      String name, ConfigObject values, ConfigObject defaults, Place place, Complaints complaints) {
    this.name = name;
    this.values = values;
    this.defaults = defaults;
    this.origin = values.origin();
    this.place = place;
    this.complaints = complaints;
    this.declared = new TreeSet<>();
  }

  private Section(Section written, Section fallback) {
    this.name = written.name;
    this.values = written.values.withFallback(fallback.values);
    this.defaults = fallback.defaults;
    this.origin = written.origin;
    this.place = written.place;
    this.complaints = written.complaints;
    this.declared = written.declared;
  }

  private Section(Section same, ConfigObject values, Complaints complaints) {
    this.name = same.name;
    this.values = values;
    this.defaults = same.defaults;
    this.origin = same.origin;
    this.place = same.place;
    this.complaints = complaints;
    this.declared = same.declared;
  }

  /** Returns this section with another judge of its mistakes. */
  public Section judgedBy(Complaints judge) {
    return new Section(this, values, judge);
  }

  /** Returns this section with {@code key} set to {@code number}. */
  public Section with(String key, int number) {
    ConfigValue value = ConfigValueFactory.fromAnyRef(number, name);
    return new Section(this, values.withValue(key, value), complaints);
  }

  /** Returns this section with the values of {@code fallback} where it has none of its own. */
  public Section over(Section fallback) {
    return new Section(this, fallback);
  }

  /** {@return its full name, such as {@code pagoda.tiers[1]}} */
  public String name() {
    return name;
  }

  /** {@return what it holds, by key} */
  public NavigableSet<String> keys() {
    return new TreeSet<>(values.keySet());
  }

  /** {@return what is done about mistakes in it} */
  public Complaints complaints() {
    return complaints;
  }

  /**
   * Refuses every key that nobody knows, here and in the sections that were read. Those that belong
   * to other parts, {@link #elements} and {@link #partOf}, are left to their readers: they are
   * checked once the part is open.
   *
   * @throws SettingsException naming the key, where it stands and what is known there
   */
  public void refuseUnknown() {
    unknown().forEach((key, value) -> complaints.addUnknownKey(unknown(key, value)));
    sections.values().forEach(Section::refuseUnknown);
    lists.values().forEach(elements -> elements.forEach(Section::refuseUnknown));
  }

  /**
   * Refuses keys that nobody knows and that look like known ones. This is for sections whose reader
   * gave up, so that the other keys may be unknown only because nobody came to read them.
   */
  public void refuseMisspelt() {
    unknown().forEach((key, value) -> {
      if (Spelling.nearest(key, knownKeys()).isPresent()) {
        complaints.addUnknownKey(unknown(key, value));
      }
    });
  }

  private Map<String, ConfigValue> unknown() {
    var unknown = new TreeMap<>(values);
    unknown.keySet().removeAll(knownKeys());
    return unknown;
  }

  private SortedSet<String> knownKeys() {
    var known = new TreeSet<>(declared);
    known.addAll(defaults.keySet());
    return known;
  }

  private SettingsException unknown(String key, ConfigValue value) {
    SortedSet<String> known = knownKeys();
    String meant = Spelling.nearest(key, known).map("did you mean '%s'? "::formatted).orElse("");
    return new SettingsException(
        "%s: unknown key '%s' in %s; %sknown here: %s"
            .formatted(place.of(value.origin()), key, name, meant, known));
  }

  @Override
  public String string(String key) {
    return readable(key, "", value -> scalar(key, value, "a text"));
  }

  @Override
  public List<String> strings(String key) {
    return readable(
        key, List.of(),
        value -> list(key, value).stream()
            .map(element -> scalar(key, element, "a list of texts"))
            .toList());
  }

  @Override
  public int integer(String key) {
    return readable(
        key, 1,
        value -> read(
            key, scalar(key, value, "a whole number"),
            "must be a whole number of at most 32 bits, not '%s'",
            number -> new BigDecimal(number).intValueExact()));
  }

  @Override
  public double number(String key) {
    return readable(
        key, 1.0,
        value -> read(
            key, scalar(key, value, "a number"), "must be a number, not '%s'",
            number -> new BigDecimal(number).doubleValue()));
  }

  @Override
  public boolean flag(String key) {
    return readable(key, false, value -> flag(key, scalar(key, value, "true or false")));
  }

  private boolean flag(String key, String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong(key, "must be true or false, not '%s'".formatted(text), null);
    }
    return text.equals("true");
  }

  @Override
  public ByteSize bytes(String key) {
    return new ByteSize(quantity(key, Quantity.SIZE));
  }

  @Override
  public Duration duration(String key) {
    return Duration.ofNanos(quantity(key, Quantity.DURATION));
  }

  private long quantity(String key, Quantity quantity) {
    return readable(
        key, quantity.guess(),
        value -> quantity(key, scalar(key, value, "a " + quantity.name()), quantity));
  }

  private long quantity(String key, String text, Quantity quantity) {
    try {
      return quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(key, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Path path(String key) {
    return readable(
        key, Path.of("").toAbsolutePath(),
        value -> read(
            key, scalar(key, value, "a path"), "must be a path, not '%s'",
            path -> place.directory(value.origin()).resolve(path).normalize()));
  }

  @Override
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    return readable(
        key, type.getEnumConstants()[0], value -> choice(key, scalar(key, value, "a text"), type));
  }

  private <E extends Enum<E>> E choice(String key, String text, Class<E> type) {
    var choices = Arrays.stream(type.getEnumConstants()).map(Section::word).toList();
    int chosen = choices.indexOf(text);
    if (chosen < 0) {
      throw wrong(key, "must be one of %s, not '%s'".formatted(choices, text), null);
    }
    return type.getEnumConstants()[chosen];
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Section section(String key) {
    return sections.computeIfAbsent(key, this::readSection);
  }

  /**
   * Returns the section at {@code key} that belongs to some part, or an empty one if there is none.
   * As with the elements of a list, its unknown keys are for its reader to refuse.
   */
  public Section partOf(String key) {
    return has(key)
        ? readSection(key)
        : new Section(
            name + '.' + key, PagodaConfig.NOTHING, PagodaConfig.NOTHING, place, complaints);
  }

  private Section readSection(String key) {
    ConfigObject known =
        defaults.get(key) instanceof ConfigObject object ? object : PagodaConfig.NOTHING;
    ConfigObject held =
        readable(key, PagodaConfig.NOTHING, value -> object(key, value, "a section"));
    return new Section(name + '.' + key, held, known, place, complaints);
  }

  @Override
  public List<Settings> sections(String key) {
    return List.copyOf(lists.computeIfAbsent(key, this::elements));
  }

  /** As {@link #sections}, but their unknown keys are for their readers to refuse. */
  public List<Section> elements(String key) {
    return readable(key, List.of(), value -> elements(key, list(key, value)));
  }

  private List<Section> elements(String key, ConfigList list) {
    List<Section> elements = new ArrayList<>();
    for (ConfigValue value : list) {
      String element = "%s.%s[%d]".formatted(name, key, elements.size());
      ConfigObject object = object(key, value, "a list of sections");
      elements.add(new Section(element, object, PagodaConfig.NOTHING, place, complaints));
    }
    return elements;
  }

  @Override
  public boolean has(String key) {
    return find(key).isPresent();
  }

  @Override
  public String origin(String key) {
    ConfigOrigin at = find(key).map(ConfigValue::origin).orElse(origin);
    return "%s: %s.%s".formatted(place.of(at), name, key);
  }

  /** {@return whether somebody other than a module's defaults says what {@code key} is} */
  public boolean isWritten(String key) {
    @Nullable ConfigValue standard = defaults.get(key);
    return find(key).filter(value -> standard == null || !value.origin().equals(standard.origin()))
        .isPresent();
  }

  private Optional<ConfigValue> find(String key) {
    declared.add(key);
    @Nullable ConfigValue value = values.get(key);
    return Optional.ofNullable(value).filter(found -> type(key, found) != ConfigValueType.NULL);
  }

  private ConfigValueType type(String key, ConfigValue value) {
    try {
      return value.valueType();
    } catch (ConfigException.NotResolved e) {
      throw new SettingsException(
          "%s: %s.%s is needed to find the plugins, so it cannot depend on a plugin's defaults"
              .formatted(place.of(value.origin()), name, key),
          e);
    }
  }

  private ConfigValue value(String key) {
    return find(key).orElseThrow(() -> wrong(key, "is required and has no default", null));
  }

  /**
   * Reads a value. Where mistakes are collected, what a mistake leaves unread is as its default
   * says, or else guessed if that may be.
   */
  private <T> T readable(String key, T guess, Function<ConfigValue, T> reader) {
    try {
      return reader.apply(value(key));
    } catch (SettingsException mistake) {
      @Nullable ConfigValue standard = isWritten(key) ? defaults.get(key) : null;
      boolean none = standard == null || standard.valueType() == ConfigValueType.NULL;
      if (none && !complaints.guesses()) {
        throw mistake;
      }
      complaints.add(mistake);
      return none || standard == null ? guess : reader.apply(standard);
    }
  }

  private ConfigList list(String key, ConfigValue value) {
    if (value instanceof ConfigList list) {
      return list;
    }
    throw wrong(key, "must be a list, written [ … ]", null);
  }

  private ConfigObject object(String key, ConfigValue value, String wanted) {
    if (value instanceof ConfigObject object) {
      return object;
    }
    throw misfit(key, value, wanted);
  }

  private String scalar(String key, ConfigValue value, String wanted) {
    return switch (type(key, value)) {
      case STRING, NUMBER, BOOLEAN -> value.unwrapped().toString();
      case OBJECT, LIST, NULL -> throw misfit(key, value, wanted);
    };
  }

  private SettingsException misfit(String key, ConfigValue value, String wanted) {
    String found = value.valueType().name().toLowerCase(Locale.ROOT);
    return new SettingsException(
        "%s: %s.%s must be %s, not %s %s"
            .formatted(place.of(value.origin()), name, key, wanted, article(found), found));
  }

  private static String article(String noun) {
    return noun.startsWith("o") ? "an" : "a";
  }

  private <T> T read(String key, String text, String complaint, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw wrong(key, complaint.formatted(text), e);
    }
  }

  private SettingsException wrong(String key, String complaint, @Nullable Throwable cause) {
    return new SettingsException(origin(key) + " " + complaint, cause);
  }
}
