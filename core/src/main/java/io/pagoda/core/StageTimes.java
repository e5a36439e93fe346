package io.pagoda.core;

/**
 * Told how long each stage of the engine's own work took. Called by whichever thread did the work;
 * returns soon and never throws.
 */
@FunctionalInterface
public interface StageTimes {
  /** Listens to nothing. */
  StageTimes NONE = (_, _) -> {};

  /** The stages. */
  enum Stage {
    /** Finding and pinning the longest prefix. */
    MATCH,
    /** Reserving slots and planning hops. */
    PLAN
  }

  /** Takes the time that one pass through {@code stage} took, in nanoseconds. */
  void took(Stage stage, long nanos);
}
