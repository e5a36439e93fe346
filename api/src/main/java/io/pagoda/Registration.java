package io.pagoda;

import java.util.concurrent.CompletionStage;

/**
 * Memory that a connector's transports keep registered, whether an operation uses it or not: what
 * is used again and again is then registered once. Registrations are counted: those of operations
 * come and go meanwhile. Memory that is staged is never registered itself.
 */
public interface Registration extends AutoCloseable {
  /** {@return the memory} */
  Descriptor descriptor();

  /**
   * Gives it up. What runs goes on, and the memory stays registered for as long as it does; a
   * second call does nothing.
   */
  @Override
  void close();

  /** {@return completes when it was closed and no operation uses the memory through it any more} */
  CompletionStage<?> released();
}
