package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that evict the least recently used block, but the often used ones last. */
public final class SlruPolicyProvider implements EvictionPolicyProvider {
  private static final String PROTECTED_HITS = "protected-hits";

  /** For {@link java.util.ServiceLoader}. */
  public SlruPolicyProvider() {}

  @Override
  public String type() {
    return "slru";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    int hits = settings.integer(PROTECTED_HITS);
    if (hits < 1) {
      throw new SettingsException(
          "%s must be at least 1, not %d: with less, every block would be protected"
              .formatted(settings.origin(PROTECTED_HITS), hits));
    }
    return new SlruPolicy(slots, hits);
  }
}
