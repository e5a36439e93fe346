package io.pagoda.tier.ssd;

import java.util.List;

/**
 * Who is told of transfers that have ended.
 *
 * <p><b>Threads.</b> Called on the port's.
 */
@FunctionalInterface
interface Ends {
  /** {@return whether stores are rather told of together} */
  default boolean gathers() {
    return false;
  }

  /** Takes over a transfer. */
  void ended(Transfer transfer);

  /** Takes over stores, in the order in which they ended. */
  default void stored(List<Transfer> stores) {
    stores.forEach(this::ended);
  }
}
