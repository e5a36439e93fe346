package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.OperationKind;
import io.pagoda.OperationTerms;
import io.pagoda.WritableOperation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Memory here that peers may write to. */
final class WriteExposure extends Exposure implements WritableOperation {
  WriteExposure(
      List<Descriptor> local, OperationTerms terms, Optional<Stage> stage, Roster roster,
      Executor executor) {
    super(OperationKind.WRITE, local, terms, stage, roster, executor);
  }
}
