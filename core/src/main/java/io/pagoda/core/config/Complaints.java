package io.pagoda.core.config;

import io.pagoda.PagodaException;
import io.pagoda.spi.SettingsException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is done about mistakes in a configuration: the first is thrown, or all are collected; and if
 * so, what a mistake leaves unread is given up, or guessed so that the reading goes on.
 *
 * <p><b>Threads.</b> One at a time.
 */
public final class Complaints {
  private final boolean collecting;
  private final boolean guessing;
  private final Set<Complaint> all = new LinkedHashSet<>();

  private Complaints(boolean collecting, boolean guessing) {
    this.collecting = collecting;
    this.guessing = guessing;
  }

  /** {@return a judge that throws the first mistake} */
  public static Complaints thrown() {
    return new Complaints(false, false);
  }

  /** {@return a judge that collects mistakes, and lets the reading go on} */
  public static Complaints collected() {
    return new Complaints(true, false);
  }

  /** {@return a judge that collects mistakes, and lets values be guessed that have no default} */
  public static Complaints guessed() {
    return new Complaints(true, true);
  }

  boolean guesses() {
    return guessing;
  }

  /** Takes everything that {@code other} collected. */
  public void addAll(Complaints other) {
    all.addAll(other.all);
  }

  /** {@return what was collected, in the order of reading, each once} */
  public List<Complaint> all() {
    return new ArrayList<>(all);
  }

  /** Takes a mistake: throws it, or keeps what it says. */
  public void add(PagodaException mistake) {
    add(mistake, false);
  }

  /** Takes a key that nobody knows. */
  void addUnknownKey(SettingsException mistake) {
    add(mistake, true);
  }

  private void add(PagodaException mistake, boolean unknownKey) {
    if (!collecting) {
      throw mistake;
    }
    all.add(new Complaint(unknownKey, String.valueOf(mistake.getMessage())));
  }

  /** Returns what {@code step} returns, or nothing if a mistake ended it. */
  public <T> Optional<T> attempt(Supplier<T> step) {
    try {
      return Optional.of(step.get());
    } catch (PagodaException mistake) {
      add(mistake);
      return Optional.empty();
    }
  }

  /** Takes a step that a mistake may end. */
  public void attempt(Runnable step) {
    attempt(() -> {
      step.run();
      return true;
    });
  }
}
