package io.pagoda.core.plugin;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import java.util.List;

/**
 * What a provider found out about this machine.
 *
 * @param type the word that selects the provider
 * @param availability whether the machine can run its parts
 * @param findings what it found, in the order in which people read it
 */
public record Examined(String type, Availability availability, List<Finding> findings) {
  /** Copies the list. */
  public Examined {
    findings = List.copyOf(findings);
  }
}
