package io.pagoda.node.replay;

import io.pagoda.core.StageTimes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * How long match and plan took inside the store, and fetch and put from the call until they had
 * settled.
 *
 * <p><b>Threads.</b> Safe for use by many.
 */
public final class Latencies implements StageTimes {
  /** Three digits are right to 0.1 %. */
  private static final int DIGITS = 3;

  private final ConcurrentHistogram match = new ConcurrentHistogram(DIGITS);
  private final ConcurrentHistogram plan = new ConcurrentHistogram(DIGITS);
  private final ConcurrentHistogram fetch = new ConcurrentHistogram(DIGITS);
  private final ConcurrentHistogram put = new ConcurrentHistogram(DIGITS);

  /** Creates an empty record. */
  public Latencies() {}

  @Override
  public void took(Stage stage, long nanos) {
    switch (stage) {
      case MATCH -> match.recordValue(nanos);
      case PLAN -> plan.recordValue(nanos);
    }
  }

  /** Takes the time of one fetch. */
  void fetched(long nanos) {
    fetch.recordValue(nanos);
  }

  /** Takes the time of one put. */
  void put(long nanos) {
    put.recordValue(nanos);
  }

  /** {@return the stages in the order of a request's life} */
  public Map<String, Percentiles> byStage() {
    Map<String, Percentiles> stages = new LinkedHashMap<>();
    stages.put("match", Percentiles.of(match));
    stages.put("plan", Percentiles.of(plan));
    stages.put("fetch", Percentiles.of(fetch));
    stages.put("put", Percentiles.of(put));
    return stages;
  }
}
