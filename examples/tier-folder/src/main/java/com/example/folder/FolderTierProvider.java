package com.example.folder;

import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;

/** Opens tiers of type {@code folder}. */
public final class FolderTierProvider implements TierProvider {
  @Override
  public String type() {
    return "folder";
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    int slots = TierSpec.slots(settings, host.blockBytes());
    int batches = settings.integer("batches");
    return new FolderTier(
        settings.path("directory"), new TierSpec(Medium.DISK, slots, host.blockBytes(), 1, batches),
        host.blocking());
  }
}
