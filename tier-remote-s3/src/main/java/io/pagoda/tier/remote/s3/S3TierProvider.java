package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.ObjectSettings;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;

/** Opens tiers of type {@code s3}. */
public final class S3TierProvider implements TierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public S3TierProvider() {}

  @Override
  public String type() {
    return "s3";
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    ObjectSettings objects = ObjectSettings.from(settings, host.blockBytes());
    return ObjectTier.open(objects, host, S3Bucket.open(bucket(settings), host.blocking()));
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    TierSpec spec = ObjectSettings.from(settings, host.blockBytes()).spec();
    bucket(settings);
    return Optional.of(spec);
  }

  private static BucketSettings bucket(Settings settings) {
    return BucketSettings
        .from(settings, "in the environment, in ~/.aws and where AWS's machines have them");
  }
}
