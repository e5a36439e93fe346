package io.pagoda;

import java.util.List;

/**
 * Engine memory that a store may read from and write to, for as long as it is registered.
 *
 * <p><b>Memory.</b> A job touches only the pool blocks it was given, from the call until its {@link
 * Job#settled} completes. Who owns the memory may free it after {@link #close} has returned.
 */
public interface Pool extends AutoCloseable {
  /** {@return what the pool is made of} */
  List<PoolPart> parts();

  /** {@return how many blocks it holds} */
  int blocks();

  /**
   * Cancels the jobs that use the pool, waits until none touches it, and forgets it.
   *
   * @throws IllegalStateException if a callback of a job calls it while a job touches the pool,
   *     which would be to wait for itself; nothing is changed
   */
  @Override
  void close();
}
