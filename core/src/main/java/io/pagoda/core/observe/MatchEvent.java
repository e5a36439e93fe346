package io.pagoda.core.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An event of the flight recorder: a prefix was looked for and pinned. */
@Name("io.pagoda.Match")
@Label("Match")
@Category("Pagoda")
@Description("A prefix was looked for and pinned")
@StackTrace(false)
public final class MatchEvent extends Event {
  @Label("Blocks Asked For") int asked;

  @Label("Blocks Found") int found;

  @Label("Tiers")
  @Description("Blocks by the hottest tier that has them") String tiers = "";

  /** Creates an event that has not begun. */
  public MatchEvent() {}

  /** Ends the event. */
  public void found(int blocksAsked, int blocksFound, String byTier) {
    asked = blocksAsked;
    found = blocksFound;
    tiers = byTier;
    commit();
  }
}
