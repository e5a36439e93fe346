package io.pagoda.remote.objects;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * An order without bytes of blocks.
 *
 * @param <T> what the bucket answers
 * @param what it is, for messages
 * @param urgent whether somebody waits for it
 * @param how makes a try
 */
record Ask<T>(
    String what, boolean urgent, Function<Try, CompletionStage<T>> how) implements Order<T> {
  @Override
  public Try next() {
    return new Try();
  }

  @Override
  public CompletionStage<T> send(Try one) {
    return how.apply(one);
  }

  @Override
  public String toString() {
    return what;
  }
}
