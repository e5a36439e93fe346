package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;

/** Blocks that a former run left, and that a tier of these settings cannot use. */
final class Mismatch {
  private Mismatch() {}

  /** Logs that they are about to be deleted, or throws. */
  static void settle(OnMismatch setting, String why) {
    if (setting == OnMismatch.REFUSE) {
      throw new PagodaException(
          Fault.PERMANENT,
          ("Cannot use the blocks that a former run left: %s. Set the tier as it was, give it "
              + "other directories, or let on-mismatch = reset delete the blocks").formatted(why));
    }
    Engine.LOG.log(Level.WARNING, "The tier begins empty, as on-mismatch = reset says: {0}", why);
  }
}
