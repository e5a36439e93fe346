package io.pagoda.remote.objects;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.time.Duration;
import java.util.Optional;

/**
 * How long is waited, and how often tried.
 *
 * @param deadline how long a request may take with all its tries
 * @param stall when a try is given up in which nothing moves
 * @param tries how many tries in a row may bring nothing
 * @param backoff the longest wait before the second try; each time twice as long ...
 * @param longestBackoff ... but not longer than this
 * @param retryBurst how many retries there may be at once
 * @param retryShare how many more for each request that succeeds
 * @param breakerFailures how many failures in a row open the breaker
 * @param breakerPause how long it is open at first
 * @param breakerLongest how long at most
 * @param hedgeAfter when a second read is tried beside one of which nothing came yet
 */
public record Patience(
    Duration deadline, Duration stall, int tries, Duration backoff, Duration longestBackoff,
    int retryBurst, double retryShare, int breakerFailures, Duration breakerPause,
    Duration breakerLongest, Optional<Duration> hedgeAfter) {

  static Patience from(Settings settings) {
    Settings retry = settings.section("retry");
    Settings breaker = settings.section("breaker");
    return new Patience(
        span(settings, "deadline"), span(settings, "stall"), atLeastOne(retry, "tries"),
        span(retry, "backoff"), span(retry, "backoff-limit"), retry.integer("burst"),
        retry.number("share"), atLeastOne(breaker, "failures"), span(breaker, "pause"),
        span(breaker, "pause-limit"),
        settings.has("hedge-after")
            ? Optional.of(span(settings, "hedge-after"))
            : Optional.empty());
  }

  private static int atLeastOne(Settings settings, String key) {
    int value = settings.integer(key);
    if (value < 1) {
      throw new SettingsException(settings.origin(key) + ": must be at least 1, not " + value);
    }
    return value;
  }

  private static Duration span(Settings settings, String key) {
    Duration value = settings.duration(key);
    if (value.isNegative() || value.isZero()) {
      throw new SettingsException(settings.origin(key) + ": must be longer than 0, not " + value);
    }
    return value;
  }
}
