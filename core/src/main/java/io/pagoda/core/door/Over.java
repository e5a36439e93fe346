package io.pagoda.core.door;

import io.pagoda.Job;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A job with nothing to do. */
enum Over implements Job {
  /** All are alike. */
  NOTHING;

  private static final Outcome HOW = new Outcome(End.COMPLETED, 0, "");

  @Override
  public CompletionStage<Outcome> outcome() {
    return CompletableFuture.completedStage(HOW);
  }

  @Override
  public CompletionStage<Outcome> settled() {
    return outcome();
  }

  @Override
  public CompletionStage<Outcome> finished() {
    return outcome();
  }

  @Override
  public CompletionStage<Outcome> cancel() {
    return outcome();
  }
}
