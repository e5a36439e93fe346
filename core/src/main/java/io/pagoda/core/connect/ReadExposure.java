package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.OperationKind;
import io.pagoda.OperationTerms;
import io.pagoda.ReadableOperation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Memory here that peers may read. */
final class ReadExposure extends Exposure implements ReadableOperation {
  ReadExposure(
      List<Descriptor> local, OperationTerms terms, Optional<Stage> stage, Roster roster,
      Executor executor) {
    super(OperationKind.READ, local, terms, stage, roster, executor);
  }
}
