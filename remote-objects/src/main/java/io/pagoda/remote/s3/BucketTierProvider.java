package io.pagoda.remote.s3;

import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.objects.ObjectSettings;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Opens tiers over buckets; whose client asks them is said by who extends it. */
public abstract class BucketTierProvider implements TierProvider {
  private final String type;

  /**
   * Describes it.
   *
   * @param type of its tiers
   */
  protected BucketTierProvider(String type) {
    this.type = type;
  }

  @Override
  public final String type() {
    return type;
  }

  @Override
  public final StorageTier open(Settings settings, Host host) {
    ObjectSettings objects = ObjectSettings.from(settings, host.blockBytes());
    return ObjectTier.open(objects, host, bucket(where(settings), host.blocking()));
  }

  @Override
  public final Optional<TierSpec> preview(Settings settings, Host host) {
    TierSpec spec = ObjectSettings.from(settings, host.blockBytes()).spec();
    where(settings);
    return Optional.of(spec);
  }

  /** Reads which bucket it is. */
  protected abstract BucketSettings where(Settings settings);

  /**
   * Opens a bucket; nothing is asked of it yet.
   *
   * @param executor has a thread for whatever waits
   */
  protected abstract Bucket bucket(BucketSettings where, Executor executor);
}
