package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.ObjectSettings.ConditionalPut;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.KeyedTierContract;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Nested;

/** The contract of keyed tiers, over a bucket in memory. */
class ObjectContractTest {
  @Nested
  class Conditional implements KeyedTierContract {
    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public StorageTier open() {
      return ObjectTier.open(Rig.settings(), Rig.host(), new MemoryBucket(objects));
    }
  }

  @Nested
  class Unconditional implements KeyedTierContract {
    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public StorageTier open() {
      return ObjectTier.open(
          Rig.settings(Rig.patience(), ConditionalPut.NEVER), Rig.host(),
          new MemoryBucket(objects));
    }
  }

  /** A server that knows no conditions. */
  @Nested
  class Detected implements KeyedTierContract {
    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public StorageTier open() {
      return ObjectTier.open(Rig.settings(), Rig.host(), new MemoryBucket(objects) {
        @Override
        public CompletionStage<Void> put(String name, Upload from) {
          return from.ifAbsent()
              ? CompletableFuture
                  .failedStage(new ObjectFailure(Kind.UNSUPPORTED, "no conditions here", null))
              : super.put(name, from);
        }
      });
    }
  }

  @Nested
  class Compressed extends Packed {
    Compressed() {
      super(Compression.LZ4, Optional.empty());
    }
  }

  @Nested
  class Encrypted extends Packed {
    Encrypted() {
      super(Compression.NONE, Optional.of(SECRET));
    }
  }

  @Nested
  class CompressedAndEncrypted extends Packed {
    CompressedAndEncrypted() {
      super(Compression.ZSTD, Optional.of(SECRET));
    }
  }

  @Nested
  class Runs extends Packed {
    Runs() {
      super(Compression.NONE, Optional.empty(), 4);
    }
  }

  @Nested
  class CompressedRuns extends Packed {
    CompressedRuns() {
      super(Compression.LZ4, Optional.empty(), 4);
    }
  }

  @Nested
  class EncryptedRuns extends Packed {
    EncryptedRuns() {
      super(Compression.NONE, Optional.of(SECRET), 4);
    }
  }

  @Nested
  class LongRuns extends Packed {
    LongRuns() {
      super(Compression.ZSTD, Optional.of(SECRET), 37);
    }
  }

  private static final Secret SECRET = Secret.of("0f".repeat(32), "here");

  /** Objects that hold something else than the bytes of blocks. */
  abstract static class Packed implements KeyedTierContract {
    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final ObjectSettings settings;

    Packed(Compression compression, Optional<Secret> secret) {
      this(compression, secret, 1);
    }

    Packed(Compression compression, Optional<Secret> secret, int blocksPerObject) {
      settings = Rig.packed(compression, secret, blocksPerObject);
    }

    @Override
    public StorageTier open() {
      return ObjectTier.open(settings, Rig.host(), new MemoryBucket(objects));
    }
  }
}
