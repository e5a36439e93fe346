package io.pagoda.core.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** An event of the flight recorder: a tier is trusted with less than before, or with more. */
@Name("io.pagoda.TierState")
@Label("Tier State")
@Category("Pagoda")
@Description("A tier is trusted with less than before, or with more")
@StackTrace(false)
public final class TierStateEvent extends Event {
  @Label("Tier") String tier = "";

  @Label("Before") String before = "";

  @Label("State") String state = "";

  @Label("Cause") String cause = "";

  @Label("Lasted")
  @Description("How long the state before lasted")
  @Timespan(Timespan.NANOSECONDS) long lasted;

  private TierStateEvent() {}

  /** Tells of a change. */
  public static void tell(String tier, String before, String state, String cause, long lasted) {
    var event = new TierStateEvent();
    if (event.shouldCommit()) {
      event.tier = tier;
      event.before = before;
      event.state = state;
      event.cause = cause;
      event.lasted = lasted;
      event.commit();
    }
  }
}
