package io.pagoda.core.config;

import io.pagoda.ByteSize;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kind of value that is written as a number and a unit.
 *
 * @param name what it is called in messages
 * @param example a value, well written
 * @param units how many of the smallest unit each unit is; the largest last
 */
record Quantity(String name, String example, Map<String, Long> units) {
  /** Sizes, counted in bytes. */
  static final Quantity SIZE = new Quantity("size", "16KiB", sizeUnits());

  /** Time spans, counted in nanoseconds. */
  static final Quantity DURATION = new Quantity("duration", "250ms", durationUnits());

  private static final Pattern WRITTEN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");

  /** {@return what a value might be, where it cannot be read} */
  long guess() {
    return parse(example);
  }

  /**
   * Returns how many of the smallest unit {@code text} is.
   *
   * @throws IllegalArgumentException if that is no number; its message continues a sentence that
   *     begins with the key
   */
  long parse(String text) {
    Matcher matcher = WRITTEN.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "must be a %s such as %s, not '%s'".formatted(name, example, text));
    }
    if (matcher.group(2).isEmpty()) {
      throw new IllegalArgumentException(
          "= %s has no unit: write a unit, e.g. %s".formatted(text, suggestion(text)));
    }
    Long unit = units.get(matcher.group(2));
    if (unit == null) {
      throw new IllegalArgumentException(
          "= '%s' has an unknown unit '%s'; units are %s"
              .formatted(text, matcher.group(2), String.join(", ", units.keySet())));
    }
    return exactly(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)), text);
  }

  private long exactly(BigDecimal count, String text) {
    try {
      return count.longValueExact();
    } catch (ArithmeticException _) {
      String smallest = units.keySet().iterator().next();
      throw new IllegalArgumentException(
          "= '%s' is not a whole number of %s below 2^63".formatted(text, smallest));
    }
  }

  /**
   * Writes a bare number of bytes in the largest unit that fits; a bare time could mean anything.
   */
  private String suggestion(String number) {
    Optional<Long> bytes = equals(SIZE) && number.matches("[1-9]\\d{0,17}")
        ? Optional.of(Long.valueOf(number))
        : Optional.empty();
    return bytes.map(count -> new ByteSize(count).toString())
        .filter(size -> !size.contains("."))
        .map(size -> size.replace(" ", ""))
        .orElse(example);
  }

  private static Map<String, Long> sizeUnits() {
    var units = new LinkedHashMap<String, Long>();
    units.put("B", 1L);
    long binary = 1;
    long decimal = 1;
    for (String prefix : new String[] {"K", "M", "G", "T", "P"}) {
      binary <<= 10;
      decimal *= 1000;
      units.put(prefix + "iB", binary);
      units.put((prefix.equals("K") ? "k" : prefix) + "B", decimal);
    }
    return units;
  }

  private static Map<String, Long> durationUnits() {
    var units = new LinkedHashMap<String, Long>();
    units.put("ns", 1L);
    units.put("us", 1_000L);
    units.put("ms", 1_000_000L);
    units.put("s", Duration.ofSeconds(1).toNanos());
    units.put("min", Duration.ofMinutes(1).toNanos());
    units.put("h", Duration.ofHours(1).toNanos());
    units.put("d", Duration.ofDays(1).toNanos());
    return units;
  }
}
