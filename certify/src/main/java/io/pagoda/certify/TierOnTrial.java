package io.pagoda.certify;

import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.StorageTierContract;
import java.util.function.Supplier;

/** The contract, of which JUnit makes an object for each sentence. */
final class TierOnTrial implements StorageTierContract {
  /** Who opens the tier, for as long as a contract is run. */
  static final ScopedValue<Supplier<StorageTier>> OPENER = ScopedValue.newInstance();

  /** Taken where the object is made: a sentence may run in a thread of its own. */
  private final Supplier<StorageTier> opener = OPENER.get();

  @Override
  public StorageTier open() {
    return opener.get();
  }
}
