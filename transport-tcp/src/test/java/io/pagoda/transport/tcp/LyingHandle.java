package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import java.util.concurrent.CompletionStage;

/** Tells of a batch what is true, until a subclass does not. */
class LyingHandle implements TransferHandle {
  private final TransferHandle right;

  LyingHandle(TransferHandle right) {
    this.right = right;
  }

  @Override
  public CompletionStage<TransferEnd> ended() {
    return right.ended();
  }

  @Override
  public CompletionStage<Void> quiet() {
    return right.quiet();
  }

  @Override
  public CompletionStage<Void> cancel() {
    return right.cancel();
  }

  @Override
  public Road path() {
    return right.path();
  }
}
