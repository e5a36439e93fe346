package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.RecoverableContract;
import io.pagoda.tck.StorageTierContract;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract of a tier, for every way of moving the bytes. */
class SsdContractTest {
  @Nested
  class RingPastThePageCache extends Contract {
    RingPastThePageCache() {
      super(Engine.IO_URING, 64 << 10, true);
    }
  }

  @Nested
  class RingThroughThePageCache extends Contract {
    RingThroughThePageCache() {
      super(Engine.IO_URING, 10_007, false);
    }
  }

  @Nested
  class ChannelsPastThePageCache extends Contract {
    ChannelsPastThePageCache() {
      super(Engine.FILE_CHANNEL, 64 << 10, true);
    }
  }

  @Nested
  class ChannelsThroughThePageCache extends Contract {
    ChannelsThroughThePageCache() {
      super(Engine.FILE_CHANNEL, 10_007, false);
    }
  }

  @Nested
  class KeptBeyondACrash extends Contract {
    KeptBeyondACrash() {
      super(Engine.IO_URING, 64 << 10, true, Durability.CRASH);
    }
  }

  @Nested
  class KeptBeyondALossOfPower extends Contract {
    KeptBeyondALossOfPower() {
      super(Engine.FILE_CHANNEL, 10_007, false, Durability.POWER);
    }
  }

  @Nested
  class KeepsBeyondACrash extends Keeping {
    KeepsBeyondACrash() {
      super(Engine.IO_URING, 64 << 10, true, Durability.CRASH);
    }
  }

  @Nested
  class KeepsBeyondALossOfPower extends Keeping {
    KeepsBeyondALossOfPower() {
      super(Engine.FILE_CHANNEL, 10_007, false, Durability.POWER);
    }
  }

  /** Opens the tier of a test in the same directories again. */
  abstract static class Keeping implements RecoverableContract {
    private final SsdSettings settings;

    @TempDir private static Path root;
    private static final AtomicInteger TESTS = new AtomicInteger();

    Keeping(Engine engine, int blockBytes, boolean direct, Durability durability) {
      Path own = root.resolve("test-" + TESTS.incrementAndGet());
      settings = new SsdSettings(
          List.of(own.resolve("a"), own.resolve("b")), 21, blockBytes, 4, 16, engine, direct, false)
          .keeping(durability, OnMismatch.REFUSE);
    }

    @Override
    public StorageTier open() {
      return Rig.open(settings);
    }
  }

  /** Opens each tier of a test in a directory of its own. */
  abstract static class Contract implements StorageTierContract {
    private final Engine engine;
    private final int blockBytes;
    private final boolean direct;
    private final Durability durability;
    private final AtomicInteger opened = new AtomicInteger();

    @TempDir private Path directory;

    Contract(Engine engine, int blockBytes, boolean direct) {
      this(engine, blockBytes, direct, Durability.NONE);
    }

    Contract(Engine engine, int blockBytes, boolean direct, Durability durability) {
      this.durability = durability;
      this.engine = engine;
      this.blockBytes = blockBytes;
      this.direct = direct;
    }

    @Override
    public StorageTier open() {
      Path own = directory.resolve("tier-" + opened.incrementAndGet());
      var directories = List.of(own.resolve("a"), own.resolve("b"));
      SsdTier tier = Rig.open(
          new SsdSettings(directories, 21, blockBytes, 4, 16, engine, direct, false)
              .keeping(durability, OnMismatch.REFUSE));
      tier.ability(Recoverable.class)
          .ifPresent(keeper -> keeper.recover(new SealShape(1, 1), (_, _, _, _, _) -> {}));
      return tier;
    }
  }
}
