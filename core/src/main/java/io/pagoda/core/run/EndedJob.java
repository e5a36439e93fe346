package io.pagoda.core.run;

import io.pagoda.Job;
import io.pagoda.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A job that was over before it began.
 *
 * @param how how it ended
 */
public record EndedJob(Outcome how) implements Job {
  @Override
  public CompletionStage<Outcome> outcome() {
    return CompletableFuture.completedStage(how);
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
