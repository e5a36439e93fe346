package io.pagoda.node.replay;

import java.time.Duration;
import java.util.Locale;

/**
 * How fast the clock of a replay goes.
 *
 * @param factor how many seconds of the trace pass in one real second; infinite for no waiting
 */
public record Pace(double factor) {
  /** One request after the other, without waiting. */
  public static final Pace MAX = new Pace(Double.POSITIVE_INFINITY);

  /** As the requests came. */
  public static final Pace REAL = new Pace(1);

  /** Checks the factor. */
  public Pace {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("A pace is greater than 0, not " + factor);
    }
  }

  /** {@return the pace written as {@code max}, {@code real} or a factor such as {@code 60x}} */
  public static Pace parse(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    return switch (word) {
      case "max" -> MAX;
      case "real" -> REAL;
      default -> ofFactor(word);
    };
  }

  private static Pace ofFactor(String word) {
    try {
      return new Pace(Double.parseDouble(word.replaceFirst("x$", "")));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "A speed is max, real or a factor such as 60x, not '%s'".formatted(word), e);
    }
  }

  /** {@return how long after the start something due {@code at} happens, in nanoseconds} */
  long nanosUntil(Duration at) {
    return (long) (at.toNanos() / factor);
  }

  @Override
  public String toString() {
    return this.equals(MAX) ? "max" : this.equals(REAL) ? "real" : factor + "x";
  }
}
