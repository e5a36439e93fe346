package io.pagoda.core.trace;

import io.pagoda.Job;
import io.pagoda.Outcome;
import java.util.concurrent.CompletionStage;

/**
 * A job whose caller hears of its end when the trace has: what it asks for next then comes after it
 * there, too.
 */
final class TracedJob implements Job {
  private final Job inner;
  private final long number;
  private final TraceWriter writer;
  private final long began;
  private final CompletionStage<Outcome> outcome;
  private final CompletionStage<Outcome> settled;
  private final CompletionStage<Outcome> finished;

  /**
   * Watches a job.
   *
   * @param inner the store's
   * @param number its number
   * @param began when, in the microseconds of the trace
   * @param put whether colder tiers may go on with it when it has ended
   * @param writer who writes the trace
   */
  TracedJob(Job inner, long number, long began, boolean put, TraceWriter writer) {
    this.inner = inner;
    this.number = number;
    this.writer = writer;
    this.began = began;
    this.outcome = inner.outcome().thenApply(this::ended);
    this.settled = outcome.thenCombine(inner.settled(), (_, all) -> all);
    CompletionStage<Outcome> last = outcome.thenCombine(inner.finished(), (_, all) -> all);
    this.finished = put ? last.thenApply(this::finished) : last;
  }

  private Outcome ended(Outcome how) {
    long now = writer.micros();
    writer.add(new TraceLine.Ended(number, now, how.end(), how.blocks(), now - began));
    return how;
  }

  private Outcome finished(Outcome all) {
    long now = writer.micros();
    writer.add(new TraceLine.Finished(number, now, all.blocks(), now - began));
    return all;
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome;
  }

  @Override
  public CompletionStage<Outcome> settled() {
    return settled;
  }

  @Override
  public CompletionStage<Outcome> finished() {
    return finished;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the caller's stage follows it
  public CompletionStage<Outcome> cancel() {
    writer.add(new TraceLine.Cancelled(number, writer.micros()));
    inner.cancel();
    return settled;
  }
}
