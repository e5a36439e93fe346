package io.pagoda.core.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pagoda.Outcome.End;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Latency;
import io.pagoda.StoreStatistics.Operation;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeterTest {
  private static final int EVENTS = 50_000;
  private static final int ROUNDS = 20;

  @Test
  void percentilesAreRightToOnePercent() {
    Recorder recorder = new Recorder();
    for (int i = 1; i <= 100_000; i++) {
      recorder.took(i * 1000L);
    }
    Latency latency = recorder.latency();
    assertEquals(100_000, latency.count());
    assertNear(50e6, latency.p50());
    assertNear(90e6, latency.p90());
    assertNear(99e6, latency.p99());
    assertNear(100e6, latency.max());
  }

  private static void assertNear(double expected, long found) {
    assertEquals(expected, (double) found, expected / 100);
  }

  @Test
  void whatCannotBeIsBroughtIntoBounds() {
    Recorder recorder = new Recorder();
    recorder.took(-5);
    recorder.took(Duration.ofDays(3).toNanos());
    assertEquals(2, recorder.latency().count());
    assertNear(3600e9, recorder.latency().max());
  }

  @Test
  void countsAreKeptApart() {
    Meter meter = new Meter();
    for (End end : End.values()) {
      for (int i = 0; i <= end.name().length(); i++) {
        meter.ended(end);
      }
    }
    meter.add(JobCount.PUT_BYTES, 77);
    for (End end : End.values()) {
      JobCount count = JobCount.valueOf(end.name());
      assertEquals(end.name().length() + 1, meter.jobs(3).count(count));
    }
    assertEquals(77, meter.jobs(3).count(JobCount.PUT_BYTES));
    assertEquals(3, meter.jobs(3).running());
  }

  /** The bar is 100 ns; a machine that is busy gets ten times as many. */
  @Test
  void anEventCostsLittleAndAllocatesNothing() {
    Meter meter = new Meter();
    for (int round = 0; round < ROUNDS; round++) {
      record(meter);
    }
    long allocated = allocated();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      record(meter);
      least = Math.min(least, System.nanoTime() - start); // the machine may stand still in others
    }
    double each = least / (double) EVENTS;
    assertTrue(allocated() - allocated < 1000, "it allocates");
    assertTrue(each < 1000, () -> each + " ns for each event");
    System.out.printf("%.1f ns for each event%n", each);
  }

  private static void record(Meter meter) {
    for (int i = 0; i < EVENTS; i++) {
      meter.took(Operation.MATCH, (i * 7919L) & 0xFFFFF);
      meter.add(JobCount.ASKED, i);
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
