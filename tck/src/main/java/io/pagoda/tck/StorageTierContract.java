package io.pagoda.tck;

/**
 * The contract of {@link io.pagoda.spi.tier.StorageTier} as tests: each sentence of its Javadoc
 * that a test can keep is kept by one. A tier's test implements {@link #open} and inherits them:
 *
 * <pre>{@code
 * class TapeTierTest implements StorageTierContract {
 *   @Override public StorageTier open() { return new TapeTier(…); }
 * }
 * }</pre>
 *
 * <p>A decorator of a tier must keep the contract of what it decorates.
 */
public interface StorageTierContract
    extends
      TierContentContract,
      TierMemoryContract,
      TierMisuseContract,
      TierThreadsContract,
      TierLifeContract,
      TierLeakContract,
      AddressableContract {}
