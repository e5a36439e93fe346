package io.pagoda.core.deploy;

import io.pagoda.spi.tier.StorageTier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs the contract of a tier against a real one. It is not in the engine: it needs the contracts
 * and what runs tests, so the product keeps it in a layer of its own, for the one command that asks
 * for it.
 */
public interface Certifier {
  /**
   * Runs every sentence of the contract.
   *
   * @param opener opens the tier anew for each, with nothing in it; the contract closes it
   * @param keyed whether it keeps blocks by key, in a place that others share; those of the
   *     trial are of a shape of their own, so that they meet no others
   * @param listener is told of each sentence when it has been tried
   */
  void certify(Supplier<StorageTier> opener, boolean keyed, Consumer<Clause> listener);
}
