package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;

/** Settings within their limits. */
final class Checked {
  private static final String REMEMBERED = "remembered";
  private static final double MOST_REMEMBERED = 64;

  private Checked() {}

  /** {@return how many blocks that are gone are remembered, given as a multiple of the slots} */
  static int remembered(Settings settings, int slots) {
    double times = settings.number(REMEMBERED);
    if (!(times > 0 && times <= MOST_REMEMBERED)) {
      throw new SettingsException(
          "%s must be above 0 and at most %.0f, not %s: it is a multiple of the tier's blocks"
              .formatted(settings.origin(REMEMBERED), MOST_REMEMBERED, times));
    }
    return Math.clamp((long) (times * slots), 1, Integer.MAX_VALUE / 8);
  }

  static double share(Settings settings, String key) {
    double share = settings.number(key);
    if (!(share > 0 && share < 1)) {
      throw new SettingsException(
          "%s must be above 0 and below 1, not %s: it is a share of the tier's blocks"
              .formatted(settings.origin(key), share));
    }
    return share;
  }

  static double atLeast(Settings settings, String key, double least) {
    double number = settings.number(key);
    if (!(number >= least)) {
      throw new SettingsException(
          "%s must be at least %s, not %s".formatted(settings.origin(key), least, number));
    }
    return number;
  }
}
