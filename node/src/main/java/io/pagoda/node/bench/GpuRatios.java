package io.pagoda.node.bench;

import io.pagoda.spi.device.Flow;
import java.util.List;
import java.util.TreeMap;

/** Figures of one device's paths, and which path was taken. */
final class GpuRatios {
  private GpuRatios() {}

  /** {@return the paths by which a device has copied since, joined by a plus} */
  static String taken(List<Flow> before, List<Flow> after) {
    var bytes = new TreeMap<String, Long>();
    after.forEach(flow -> bytes.merge(flow.path(), flow.bytes(), Long::sum));
    before.forEach(flow -> bytes.merge(flow.path(), -flow.bytes(), Long::sum));
    bytes.values().removeIf(carried -> carried == 0);
    return String.join("+", bytes.keySet());
  }

  static double rate(BenchResult result) {
    return result.gigabytesPerSecond().orElse(0);
  }

  static boolean is(BenchResult result, String param, Object value) {
    return value.equals(result.params().get(param));
  }
}
