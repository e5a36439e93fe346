package io.pagoda.core.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** An event of the flight recorder: a batch of blocks moved between two places. */
@Name("io.pagoda.Hop")
@Label("Hop")
@Category("Pagoda")
@Description("A batch of blocks moved between two places")
@StackTrace(false)
public final class HopEvent extends Event {
  @Label("From") String from = "";

  @Label("To") String to = "";

  @Label("Blocks")
  @Description("Those that arrived") int blocks;

  @Label("Bytes")
  @DataAmount long bytes;

  @Label("Section")
  @Description("Which section of the blocks moved; -1 if they moved as a whole") int section;

  @Label("Queue Time")
  @Description("How long it waited for room on the way")
  @Timespan(Timespan.NANOSECONDS) long queueTime;

  /** Creates an event that has not begun. */
  public HopEvent() {}

  /** Ends the event. */
  public void ended(String source, String target, int arrived, long size, int part, long waited) {
    from = source;
    to = target;
    blocks = arrived;
    bytes = size;
    section = part;
    queueTime = waited;
    commit();
  }
}
