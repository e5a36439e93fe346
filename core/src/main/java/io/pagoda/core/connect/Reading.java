package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.OperationState;
import io.pagoda.ReadOperation;
import java.util.List;
import java.util.concurrent.Executor;

/** Bytes on their way to here. */
final class Reading extends ActiveTransfer implements ReadOperation {
  Reading(Plan plan, PeerConnection connection, Local local, Roster roster, Executor executor) {
    super(plan, connection, local, roster, executor);
  }

  @Override
  public List<Descriptor> results() {
    if (state() != OperationState.COMPLETE) {
      throw new IllegalStateException(
          "%s is %s: there are no bytes to be had".formatted(plan(), state()));
    }
    return plan().local();
  }
}
