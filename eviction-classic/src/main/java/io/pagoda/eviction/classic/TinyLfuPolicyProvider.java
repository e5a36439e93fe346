package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that admit chains of blocks by how often they were used. */
public final class TinyLfuPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public TinyLfuPolicyProvider() {}

  @Override
  public String type() {
    return "w-tinylfu";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new TinyLfuPolicy(slots, Checked.share(settings, "window-share"));
  }
}
