package io.pagoda.node.text;

import io.pagoda.StoreStatistics.DeviceFlow;
import java.util.List;

/** Tells how devices copied, and how much by each of their ways. */
public final class DeviceFlows {
  private DeviceFlows() {}

  /** {@return a row for each device, way and direction} */
  public static Table table(List<DeviceFlow> flows) {
    Table table = Table.ofNumbers().row("", "path", "", "bytes", "while busy", "batches");
    for (DeviceFlow flow : flows) {
      table.row(
          flow.device(), flow.path(), flow.toDevice() ? "in" : "out", Numbers.bytes(flow.bytes()),
          Numbers.rate(flow.gigabytesPerSecond()), Numbers.count(flow.batches()));
    }
    return table;
  }
}
