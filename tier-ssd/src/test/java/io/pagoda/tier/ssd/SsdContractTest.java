package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.StorageTier;
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

  /** Opens each tier of a test in a directory of its own. */
  abstract static class Contract implements StorageTierContract {
    private final Engine engine;
    private final int blockBytes;
    private final boolean direct;
    private final AtomicInteger opened = new AtomicInteger();

    @TempDir private Path directory;

    Contract(Engine engine, int blockBytes, boolean direct) {
      this.engine = engine;
      this.blockBytes = blockBytes;
      this.direct = direct;
    }

    @Override
    public StorageTier open() {
      Path own = directory.resolve("tier-" + opened.incrementAndGet());
      var directories = List.of(own.resolve("a"), own.resolve("b"));
      return Rig.open(new SsdSettings(directories, 21, blockBytes, 4, 16, engine, direct, false));
    }
  }
}
