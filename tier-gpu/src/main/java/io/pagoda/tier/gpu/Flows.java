package io.pagoda.tier.gpu;

import io.pagoda.spi.device.Flow;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a stream has carried, by path.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class Flows {
  private final boolean toDevice;
  private final Map<CopyPath, Sums> sums = new EnumMap<>(CopyPath.class);
  private long lastEnd;

  private static final class Sums {
    private long batches;
    private long bytes;
    private long nanos;
  }

  Flows(boolean toDevice) {
    this.toDevice = toDevice;
  }

  /** Counts work, which took its time from when the stream was free for it. */
  synchronized void ended(Load load, long submitted, long now) {
    Sums of = sums.computeIfAbsent(load.path(), _ -> new Sums());
    of.batches++;
    of.bytes += load.bytes();
    of.nanos += now - Math.max(submitted, lastEnd);
    lastEnd = now;
  }

  /** {@return the figures} */
  synchronized List<Flow> list() {
    List<Flow> list = new ArrayList<>();
    sums.forEach(
        (path, of) -> list.add(new Flow(path.word(), toDevice, of.batches, of.bytes, of.nanos)));
    return list;
  }
}
