package io.pagoda.core.connect;

import io.pagoda.OperationTerms;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a connector is set.
 *
 * @param name what it calls itself
 * @param terms of operations that are given none
 * @param fallback whether another transport may be taken than the first
 * @param connectTimeout how long a connection may take to open
 * @param secret what signs metadata
 * @param devices UUIDs of {@code cuda:0}, {@code cuda:1} and so on
 */
public record ConnectorSettings(
    String name, OperationTerms terms, boolean fallback, Duration connectTimeout,
    Optional<byte[]> secret, List<String> devices) {
  /** Copies the list. */
  public ConnectorSettings {
    devices = List.copyOf(devices);
  }

  /** Tells nobody the secret. */
  @Override
  public String toString() {
    return "connector %s, %s, fallback=%s".formatted(name, terms, fallback);
  }
}
