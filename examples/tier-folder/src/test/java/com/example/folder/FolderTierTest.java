package com.example.folder;

import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.StorageTierContract;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.io.TempDir;

class FolderTierTest implements StorageTierContract {
  private static final Executor THREADS = Thread::startVirtualThread;

  @TempDir Path directory;

  @Override
  public StorageTier open() {
    return new FolderTier(directory, new TierSpec(Medium.DISK, 16, 4096, 1, 8), THREADS);
  }
}
