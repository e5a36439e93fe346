package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies of three queues. */
public final class S3FifoPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public S3FifoPolicyProvider() {}

  @Override
  public String type() {
    return "s3-fifo";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new S3FifoPolicy(slots, Checked.share(settings, "small-share"));
  }
}
