package io.pagoda.core.observe;

import io.pagoda.Ending.Cause;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An event of the flight recorder: blocks had to leave a tier, for one plan. */
@Name("io.pagoda.Eviction")
@Label("Eviction")
@Category("Pagoda")
@Description("Blocks had to leave a tier, for one plan")
@StackTrace(false)
public final class EvictionEvent extends Event {
  @Label("Tier") String tier = "";

  @Label("Blocks") long blocks;

  @Label("Cause") String cause = "";

  private EvictionEvent() {}

  /** Tells of an eviction, if any block had to leave. */
  public static void tell(String tier, long blocks, Cause cause) {
    var event = new EvictionEvent();
    if (blocks > 0 && event.shouldCommit()) {
      event.tier = tier;
      event.blocks = blocks;
      event.cause = cause.name();
      event.commit();
    }
  }
}
