package io.pagoda.onservers;

import io.pagoda.servers.Credentials;
import io.pagoda.spi.Host;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.tier.remote.minio.MinioTierProvider;
import io.pagoda.tier.remote.s3.S3TierProvider;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/** The plugins. */
enum Client {
  S3, MINIO;

  private TierProvider provider() {
    return this == S3 ? new S3TierProvider() : new MinioTierProvider();
  }

  /** {@return the other one, which is to understand what this one writes} */
  Client other() {
    return this == S3 ? MINIO : S3;
  }

  /** Opens a tier at an endpoint, with some settings more, and joins it. */
  Peer open(URI endpoint, String bucket, long blockBytes, Map<String, ?> more) {
    return new Peer(tier(endpoint, bucket, blockBytes, more));
  }

  /** Opens a tier, which is still to be joined. */
  StorageTier tier(URI endpoint, String bucket, long blockBytes, Map<String, ?> more) {
    Map<String, Object> settings = new HashMap<>(
        Map.of(
            "endpoint", endpoint.toString(), "bucket", bucket, "path-style", true, "access-key",
            Credentials.TEST.key(), "secret-key", Credentials.TEST.secret(), "blocks", 8192,
            "look-up.deadline", "25s", "look-up.absent-for", "1ms"));
    // The machine may have other things to do.
    settings.putAll(Map.of("deadline", "25s", "stall", "10s", "connect-timeout", "10s"));
    settings.putAll(more);
    TierProvider provider = provider();
    return provider.open(Given.of(provider.type(), settings), host(blockBytes));
  }

  private Host host(long blockBytes) {
    return new Host() {
      @Override
      public String name() {
        return provider().type();
      }

      @Override
      public long blockBytes() {
        return blockBytes;
      }

      @Override
      public Executor blocking() {
        return Thread::startVirtualThread;
      }
    };
  }
}
