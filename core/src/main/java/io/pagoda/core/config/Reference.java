package io.pagoda.core.config;

/**
 * The defaults that a module brings, which are also the list of the keys it knows.
 *
 * @param module whose
 * @param text its {@code reference.conf}
 */
public record Reference(String module, String text) {
  /** The resource that holds them, at the root of a module. */
  public static final String FILE = "reference.conf";

  String origin() {
    return FILE + " of " + module;
  }
}
