package io.pagoda.tier.remote.minio;

import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.BucketTierProvider;
import io.pagoda.spi.Settings;
import java.util.concurrent.Executor;

/** Opens tiers of type {@code minio}. */
public final class MinioTierProvider extends BucketTierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public MinioTierProvider() {
    super("minio");
  }

  @Override
  protected BucketSettings where(Settings settings) {
    // MinIO's client has no server of its own: that it is missing is said as of any setting.
    settings.string("endpoint");
    return BucketSettings.from(settings, "in the environment");
  }

  @Override
  protected Bucket bucket(BucketSettings where, Executor executor) {
    return MinioBucket.open(where, executor);
  }
}
