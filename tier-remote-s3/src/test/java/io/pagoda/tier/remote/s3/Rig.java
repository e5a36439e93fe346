package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.Compression;
import io.pagoda.remote.objects.ObjectSettings;
import io.pagoda.remote.objects.ObjectSettings.ConditionalPut;
import io.pagoda.remote.objects.ObjectSettings.LookUp;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.remote.objects.ObjectSettings.Parts;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.objects.Patience;
import io.pagoda.remote.s3.AccessKey;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.spi.Host;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Settings and a host for tests. */
final class Rig {
  private Rig() {}

  /**
   * Patience with a server that misbehaves.
   *
   * @param stall how long nothing may come: what is honest has to be quicker
   */
  static Patience patience(Duration stall) {
    return new Patience(
        Duration.ofSeconds(40), stall, 4, Duration.ofMillis(1), Duration.ofMillis(5), 1000, 0.5, 8,
        Duration.ofMillis(100), Duration.ofMillis(400), Optional.empty());
  }

  /** {@return patience with a server on a machine that has other things to do} */
  static Patience calm() {
    return new Patience(
        Duration.ofSeconds(25), Duration.ofSeconds(10), 4, Duration.ofMillis(10),
        Duration.ofMillis(100), 100, 0.1, 16, Duration.ofSeconds(1), Duration.ofSeconds(2),
        Optional.empty());
  }

  static ObjectSettings objects(long blockBytes, Patience patience, OnUnreachable unreachable) {
    return objects("test", blockBytes, patience, unreachable);
  }

  static ObjectSettings objects(
      String prefix, long blockBytes, Patience patience, OnUnreachable unreachable) {
    var lookUp = new LookUp(
        64, Duration.ofSeconds(25), 1 << 12, Duration.ofHours(1), Duration.ofNanos(1), false);
    return new ObjectSettings(
        64, blockBytes, prefix, 2, 16, patience, lookUp, unreachable, ConditionalPut.AUTO, true,
        new Parts(5 << 20, 12 << 20, 12 << 20), false, Duration.ofMinutes(1), Compression.NONE, 1,
        Optional.empty(), 1);
  }

  static BucketSettings s3(String endpoint, String bucket) {
    return new BucketSettings(
        Optional.of(URI.create(endpoint)), "us-east-1", bucket, true,
        Optional.of(new AccessKey("user", "secret", "")), Optional.empty(), Duration.ofSeconds(10),
        Duration.ofSeconds(10));
  }

  static ObjectTier tier(Server server, long blockBytes) {
    return tier(server, blockBytes, calm());
  }

  static ObjectTier tier(Server server, long blockBytes, Patience patience) {
    return tier(server, blockBytes, patience, OnUnreachable.REFUSE);
  }

  static ObjectTier tier(
      Server server, long blockBytes, Patience patience, OnUnreachable unreachable) {
    return ObjectTier.open(
        objects(blockBytes, patience, unreachable), host(blockBytes),
        S3Bucket.open(s3(server.endpoint(), "blocks"), Rig::start));
  }

  static void start(Runnable task) {
    Thread.startVirtualThread(task);
  }

  static Host host(long blockBytes) {
    return new Host() {
      @Override
      public String name() {
        return "s3";
      }

      @Override
      public long blockBytes() {
        return blockBytes;
      }

      @Override
      public Executor blocking() {
        return Rig::start;
      }
    };
  }
}
