package io.pagoda.remote.objects;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Something that is asked of a bucket, over as many tries as it takes.
 *
 * @param <T> what the bucket answers
 */
interface Order<T> {
  /** {@return what it is, for messages, such as {@code GET pagoda/…}} */
  @Override
  String toString();

  /** {@return whether somebody waits for it, so that it goes first} */
  boolean urgent();

  /** {@return the next try} */
  Try next();

  /** {@return a second try beside the one that runs, or null if there is to be none} */
  default @Nullable Try beside() {
    return null;
  }

  /** Makes a try. */
  CompletionStage<T> send(Try one);

  /** {@return how far it has come, in bytes that need not come again} */
  default long progress() {
    return 0;
  }

  /** {@return what is wrong with what came, or null; it then counts instead of what a try says} */
  default @Nullable ObjectFailure misfit() {
    return null;
  }

  /** Takes note of a failure before the next try: what came may be of no use. */
  default void failed(ObjectFailure failure) {}
}
