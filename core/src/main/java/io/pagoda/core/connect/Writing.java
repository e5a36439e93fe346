package io.pagoda.core.connect;

import io.pagoda.WriteOperation;
import java.util.concurrent.Executor;

/** Bytes on their way from here. */
final class Writing extends ActiveTransfer implements WriteOperation {
  Writing(Plan plan, PeerConnection connection, Local local, Roster roster, Executor executor) {
    super(plan, connection, local, roster, executor);
  }
}
