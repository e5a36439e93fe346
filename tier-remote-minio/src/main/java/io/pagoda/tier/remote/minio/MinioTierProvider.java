package io.pagoda.tier.remote.minio;

import io.pagoda.remote.objects.ObjectSettings;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;

/** Opens tiers of type {@code minio}. */
public final class MinioTierProvider implements TierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public MinioTierProvider() {}

  @Override
  public String type() {
    return "minio";
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    ObjectSettings objects = ObjectSettings.from(settings, host.blockBytes());
    return ObjectTier.open(objects, host, MinioBucket.open(bucket(settings), host.blocking()));
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    TierSpec spec = ObjectSettings.from(settings, host.blockBytes()).spec();
    bucket(settings);
    return Optional.of(spec);
  }

  private static BucketSettings bucket(Settings settings) {
    // MinIO's client has no server of its own: that it is missing is said as of any setting.
    settings.string("endpoint");
    return BucketSettings.from(settings, "in the environment");
  }
}
