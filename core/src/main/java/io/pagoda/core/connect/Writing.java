package io.pagoda.core.connect;

import io.pagoda.WriteOperation;
import io.pagoda.spi.transport.Region;
import java.util.List;
import java.util.concurrent.Executor;

/** Bytes on their way from here. */
final class Writing extends ActiveTransfer implements WriteOperation {
  Writing(
      Plan plan, PeerConnection connection, List<Region> regions, Roster roster,
      Executor executor) {
    super(plan, connection, regions, roster, executor);
  }
}
