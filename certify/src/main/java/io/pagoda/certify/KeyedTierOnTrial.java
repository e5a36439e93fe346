package io.pagoda.certify;

import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.KeyedTierContract;
import java.security.SecureRandom;
import java.util.function.Supplier;

/**
 * The contract of tiers that share a place, of which JUnit makes an object for each sentence. The
 * place has other blocks in it, so those of each sentence have a shape that nobody else has.
 */
final class KeyedTierOnTrial implements KeyedTierContract {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Supplier<StorageTier> opener = TierOnTrial.OPENER.get();
  private final long layout = RANDOM.nextLong();

  @Override
  public StorageTier open() {
    return new ApartTier(opener.get(), layout);
  }
}
