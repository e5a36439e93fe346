package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.BucketTierProvider;
import io.pagoda.spi.Settings;
import java.util.concurrent.Executor;

/** Opens tiers of type {@code s3}. */
public final class S3TierProvider extends BucketTierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public S3TierProvider() {
    super("s3");
  }

  @Override
  protected BucketSettings where(Settings settings) {
    return BucketSettings
        .from(settings, "in the environment, in ~/.aws and where AWS's machines have them");
  }

  @Override
  protected Bucket bucket(BucketSettings where, Executor executor) {
    return S3Bucket.open(where, executor);
  }
}
