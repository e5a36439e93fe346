package io.pagoda.core.plugin;

import io.pagoda.PagodaException;

/**
 * Something that would be a plugin, but cannot serve.
 *
 * @param where its directory or jar, or the module on the module path
 * @param reason why not, and what would help
 */
public record Refused(String where, String reason) implements Found {
  static Refused because(String where, RuntimeException failure) {
    String reason = failure instanceof PagodaException
        ? String.valueOf(failure.getMessage())
        : failure.toString();
    return new Refused(where, reason);
  }
}
