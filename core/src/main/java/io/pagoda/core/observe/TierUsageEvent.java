package io.pagoda.core.observe;

import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** An event of the flight recorder, told now and then: how a tier is, and what its medium did. */
@Name("io.pagoda.TierUsage")
@Label("Tier Usage")
@Category("Pagoda")
@Description("How a tier is, and what its medium did since the store was opened")
@Period("10 s")
@StackTrace(false)
public final class TierUsageEvent extends Event {
  @Label("Tier") String tier = "";

  @Label("State") String state = "";

  @Label("Why") String why = "";

  @Label("Slots") long slots;

  @Label("Ready") long ready;

  @Label("Bytes Read")
  @DataAmount long bytesRead;

  @Label("Bytes Written")
  @DataAmount long bytesWritten;

  @Label("Bytes Written Ever")
  @DataAmount long bytesWrittenEver;

  @Label("Records Written") long recordsWritten;

  @Label("Syncs") long syncs;

  @Label("Writes Avoided")
  @Description("Blocks that had been used only once, or were there already") long writesAvoided;

  @Label("Writes Delayed")
  @Description("Pauses since the write budget was spent") long writesDelayed;

  private TierUsageEvent() {}

  /** Tells how a tier is. */
  public static void tell(Tier of) {
    var event = new TierUsageEvent();
    if (event.shouldCommit()) {
      event.tier = of.name();
      event.state = of.state().name();
      event.why = of.why();
      event.slots = of.slots();
      event.ready = of.count(TierCount.READY);
      event.bytesRead = of.count(TierCount.BYTES_READ);
      event.bytesWritten = of.count(TierCount.BYTES_WRITTEN);
      event.bytesWrittenEver = of.count(TierCount.BYTES_WRITTEN_EVER);
      event.recordsWritten = of.count(TierCount.RECORDS_WRITTEN);
      event.syncs = of.count(TierCount.SYNCS);
      event.writesAvoided = of.count(TierCount.NOT_ADMITTED) + of.count(TierCount.ALREADY_PRESENT);
      event.writesDelayed = of.count(TierCount.WRITES_DELAYED);
      event.commit();
    }
  }
}
