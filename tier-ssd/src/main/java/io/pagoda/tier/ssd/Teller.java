package io.pagoda.tier.ssd;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls the completions of transfers that have ended, and lets them out of the gate.
 *
 * <p><b>Threads.</b> Any.
 */
final class Teller {
  private final Gate gate;
  private final Outages outages;
  private final Set<Thread> telling = ConcurrentHashMap.newKeySet(2);

  Teller(Gate gate, Outages outages) {
    this.gate = gate;
    this.outages = outages;
  }

  /** Tells the caller of {@code transfer} how it ended. */
  void tell(Transfer transfer) {
    Thread thread = Thread.currentThread();
    telling.add(thread);
    try {
      outages.judge(transfer);
      transfer.complete();
    } catch (RuntimeException e) {
      Engine.LOG.log(Level.ERROR, "A completion threw; it must not", e);
    } finally {
      telling.remove(thread);
      gate.leave();
    }
  }

  /** {@return whether this is being asked by a completion} */
  boolean asksItself() {
    return telling.contains(Thread.currentThread());
  }
}
