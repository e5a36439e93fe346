package io.pagoda;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Tokens on their way. A task has a deadline and ends exactly once.
 *
 * <p><b>Threads.</b> Safe for use by many threads. Dependents of its stages run on the store's own
 * threads unless they are asynchronous, and must not block.
 *
 * <p><b>Failures.</b> The stages never complete exceptionally; what went wrong is in the outcome.
 */
public interface KvTask {
  /** What a task does. */
  enum Kind {
    /** Brings tokens into the engine's memory. */
    FETCH,
    /** Stores tokens of the engine's memory. */
    PUT,
    /** Brings tokens up into host memory. */
    PREFETCH
  }

  /** {@return its number, unique within its cache} */
  long id();

  /** {@return what it does} */
  Kind kind();

  /** {@return which tokens it is to move} */
  TokenMask tokens();

  /** {@return how it stands; asking does not answer for {@link KvCache#status}} */
  KvStatus status();

  /**
   * Returns a stage that completes when the engine can go on: its memory is loaded, or was read. No
   * colder tier is waited for.
   */
  CompletionStage<KvOutcome> outcome();

  /**
   * Returns a stage that completes when the task has ended <em>and</em> nothing touches the
   * caller's memory any more; later than {@link #outcome} only if it was cancelled or expired.
   */
  CompletionStage<KvOutcome> settled();

  /**
   * Returns a stage that completes when the colder tiers that are written through have their
   * copies, or failed to take them; never before {@link #settled}. Its outcome tells which newly
   * stored tokens have all of theirs.
   */
  CompletionStage<KvOutcome> finished();

  /**
   * Asks the task to end.
   *
   * @return {@link #settled}: when it completes, the caller's memory is the caller's
   */
  CompletionStage<KvOutcome> cancel();

  /**
   * Returns a stage that completes, with how many leading planned tokens have it, when a layer is
   * in the engine's memory; at the latest with the outcome. Layers come one by one only if the task
   * was launched with {@link JobOptions#telling} somebody of them.
   *
   * @param layer which layer of the model, from 0
   */
  CompletionStage<Integer> layer(int layer);

  /**
   * Waits for the task to settle, but not longer than {@code timeout}.
   *
   * @return how it stands then
   */
  KvStatus await(Duration timeout) throws InterruptedException;
}
