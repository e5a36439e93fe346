package io.pagoda.core.observe;

import io.pagoda.Outcome;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * An event of the flight recorder: a fetch, a put or a prefetch, from its beginning until its
 * outcome was known.
 */
@Name("io.pagoda.Job")
@Label("Job")
@Category("Pagoda")
@Description("A fetch, a put or a prefetch, from its beginning until its outcome was known")
@StackTrace(false)
public final class JobEvent extends Event {
  @Label("Kind") String kind = "";

  @Label("Blocks Wanted") int wanted;

  @Label("Blocks Arrived") int arrived;

  @Label("End") String end = "";

  @Label("Reason")
  @Description("Why not all of them") String reason = "";

  @Label("Tiers")
  @Description("Blocks of a fetch or a prefetch by the tier they came from") String tiers = "";

  /** Creates an event that has not begun. */
  public JobEvent() {}

  /** Ends the event. */
  public void ended(String what, int blocksWanted, Outcome outcome, String byTier) {
    kind = what;
    wanted = blocksWanted;
    arrived = outcome.blocks();
    end = outcome.end().name();
    reason = outcome.reason();
    tiers = byTier;
    commit();
  }
}
