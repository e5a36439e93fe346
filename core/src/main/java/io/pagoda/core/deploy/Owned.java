package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What was opened, closed once and in reverse. */
final class Owned implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Takes over {@code part}, and returns it. */
  <T extends AutoCloseable> T own(T part) {
    opened.push(part);
    return part;
  }

  /** Closes everything, whatever fails; a second call does nothing. */
  @Override
  public void close() {
    List<Exception> failures = new ArrayList<>();
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      Exception first = failures.getFirst();
      var failure =
          new PagodaException(Fault.PERMANENT, "not everything was closed: " + first, first);
      failures.stream().skip(1).forEach(failure::addSuppressed);
      throw failure;
    }
  }

  /** Closes everything after a failure, which is told of what fails then. */
  void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
