package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectSettings.ConditionalPut;
import io.pagoda.remote.objects.ObjectSettings.LookUp;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.remote.objects.ObjectSettings.Parts;
import io.pagoda.spi.Host;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Settings and a host for tests. */
final class Rig {
  static final long BLOCK_BYTES = 10_007;

  private Rig() {}

  /** {@return patience with a bucket in memory, on a machine that may stand still} */
  static Patience patience() {
    return new Patience(
        Duration.ofMinutes(2), Duration.ofMinutes(1), 4, Duration.ofMillis(1), Duration.ofMillis(5),
        1000, 0.5, 8, Duration.ofMillis(100), Duration.ofMillis(400), Optional.empty());
  }

  static LookUp lookUp() {
    return new LookUp(
        64, Duration.ofMinutes(1), 1 << 12, Duration.ofHours(1), Duration.ofNanos(1), false);
  }

  static ObjectSettings settings() {
    return settings(patience(), ConditionalPut.AUTO);
  }

  static ObjectSettings settings(Patience patience, ConditionalPut conditionalPut) {
    return settings(patience, conditionalPut, Compression.NONE, Optional.empty(), 1);
  }

  static ObjectSettings packed(Compression compression, Optional<Secret> secret) {
    return packed(compression, secret, 1);
  }

  static ObjectSettings packed(
      Compression compression, Optional<Secret> secret, int blocksPerObject) {
    return settings(patience(), ConditionalPut.AUTO, compression, secret, blocksPerObject);
  }

  /** {@return settings of a tier whose objects hold so many blocks} */
  static ObjectSettings runs(int blocksPerObject) {
    return packed(Compression.NONE, Optional.empty(), blocksPerObject);
  }

  private static ObjectSettings settings(
      Patience patience, ConditionalPut conditionalPut, Compression compression,
      Optional<Secret> secret, int blocksPerObject) {
    return new ObjectSettings(
        64, BLOCK_BYTES, "test/x", 2, 16, patience, lookUp(), OnUnreachable.REFUSE, conditionalPut,
        true, new Parts(5 << 20, 32 << 20, 32 << 20), false, Duration.ofMinutes(1), compression, 3,
        secret, blocksPerObject);
  }

  static void start(Runnable task) {
    Thread.startVirtualThread(task);
  }

  static Host host() {
    Executor threads = Rig::start;
    return new Host() {
      @Override
      public String name() {
        return "objects";
      }

      @Override
      public long blockBytes() {
        return BLOCK_BYTES;
      }

      @Override
      public Executor blocking() {
        return threads;
      }
    };
  }
}
