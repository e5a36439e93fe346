package io.pagoda.tier.ssd;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.time.Duration;

/**
 * How much is written, and how long an answer is awaited.
 *
 * @param writeBytesPerSecond how much is written at most, on average; {@link #UNLIMITED} if
 *     whatever comes
 * @param deadline when an operation that has not been answered is cancelled
 */
record Pace(long writeBytesPerSecond, Duration deadline) {
  static final long UNLIMITED = Long.MAX_VALUE;

  /** What a tier has whose settings say nothing. */
  static final Pace DEFAULT = new Pace(UNLIMITED, Duration.ofSeconds(30));

  Pace {
    if (writeBytesPerSecond < 1 || !deadline.isPositive()) {
      throw new IllegalArgumentException(
          "writeBytesPerSecond=%d deadline=%s".formatted(writeBytesPerSecond, deadline));
    }
  }

  /** {@return the same for one who has a part of the budget, up to 1} */
  Pace share(double part) {
    return writeBytesPerSecond == UNLIMITED
        ? this
        : new Pace(Math.max(1, (long) (writeBytesPerSecond * part)), deadline);
  }

  /** Reads the settings of a tier. */
  static Pace from(Settings settings) {
    Duration deadline = settings.duration("deadline");
    if (!deadline.isPositive()) {
      throw refusal(settings, "deadline", "must be longer than nothing, such as 30s");
    }
    if (!settings.has("write-budget")) {
      return new Pace(UNLIMITED, deadline);
    }
    long budget = settings.bytes("write-budget").bytes();
    if (budget < 1) {
      throw refusal(
          settings, "write-budget",
          "must be at least 1B for each second; leave it out for no limit");
    }
    return new Pace(budget, deadline);
  }

  private static SettingsException refusal(Settings settings, String key, String why) {
    return new SettingsException(settings.origin(key) + ": " + why);
  }
}
