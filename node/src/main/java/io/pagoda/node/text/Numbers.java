package io.pagoda.node.text;

import io.pagoda.ByteSize;
import java.util.Locale;

/** Numbers as people read them, the same in every country. */
public final class Numbers {
  private Numbers() {}

  /** {@return a whole number with thousands separators} */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@return a share as percent with one decimal} */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** {@return bytes in the binary unit that leaves at least 1} */
  public static String bytes(long bytes) {
    return new ByteSize(bytes).toString();
  }

  /** {@return a rate of 10<sup>9</sup> bytes per second, or a dash for none} */
  public static String rate(double gigabytesPerSecond) {
    return gigabytesPerSecond == 0
        ? "-"
        : String.format(Locale.ROOT, "%.2f GB/s", gigabytesPerSecond);
  }

  /** {@return a time of microseconds in the unit that leaves three digits or so} */
  public static String micros(double micros) {
    if (micros < 1_000) {
      return String.format(Locale.ROOT, "%.1f µs", micros);
    }
    if (micros < 1_000_000) {
      return String.format(Locale.ROOT, "%.2f ms", micros / 1e3);
    }
    return String.format(Locale.ROOT, "%.2f s", micros / 1e6);
  }

  /** {@return seconds, with minutes and hours where there are any} */
  public static String seconds(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return "%d min %02d s".formatted(whole / 60, whole % 60);
    }
    return "%d h %02d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
