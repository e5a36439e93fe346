package io.pagoda.core.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An event of the flight recorder: a tier did not move every block of a batch. */
@Name("io.pagoda.TierFailure")
@Label("Tier Failure")
@Category("Pagoda")
@Description("A tier did not move every block of a batch")
@StackTrace(false)
public final class TierFailureEvent extends Event {
  @Label("Tier") String tier = "";

  @Label("Operation") String operation = "";

  @Label("Blocks")
  @Description("Those that did not move, or arrived wrong") int blocks;

  @Label("Cause") String cause = "";

  private TierFailureEvent() {}

  /** Tells of a failure. */
  public static void tell(String tier, String operation, int blocks, String cause) {
    var event = new TierFailureEvent();
    if (event.shouldCommit()) {
      event.tier = tier;
      event.operation = operation;
      event.blocks = blocks;
      event.cause = cause;
      event.commit();
    }
  }
}
