package io.pagoda;

import java.util.concurrent.CompletionStage;

/**
 * Blocks on their way. A job has a deadline and ends exactly once.
 *
 * <p><b>Threads.</b> Safe for use by many threads. Dependents of its stages run on the store's own
 * threads unless they are asynchronous, and must not block.
 *
 * <p><b>Failures.</b> The stages never complete exceptionally; what went wrong is in the outcome.
 */
public interface Job {
  /** {@return completes with how the job ended, at the latest at its deadline} */
  CompletionStage<Outcome> outcome();

  /**
   * Returns a stage that completes, with the outcome, when the job has ended <em>and</em> nothing
   * reads or writes the caller's memory any more. It is later than {@link #outcome} only for a job
   * that was cancelled or expired while a device was at work.
   */
  CompletionStage<Outcome> settled();

  /**
   * Returns a stage that completes when nothing of the job is left to do: the colder tiers that are
   * written through have their copies, or failed to take them. Its outcome tells how many leading
   * blocks have all their copies; of a job that ended early it is that of {@link #outcome}. Of jobs
   * that were started together it completes for all at once.
   */
  CompletionStage<Outcome> finished();

  /**
   * Asks the job to end. What has not started never starts; a job that has ended stays as it is.
   *
   * @return {@link #settled}
   */
  CompletionStage<Outcome> cancel();
}
