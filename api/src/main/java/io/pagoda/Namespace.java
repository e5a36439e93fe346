package io.pagoda;

import java.util.List;

/**
 * Whose blocks they are: a path such as tenant, adapter, cache salt. Blocks of different namespaces
 * never have equal keys, whatever their tokens; two paths are the same only if they have the same
 * parts in the same order.
 *
 * @param parts the path; empty for the namespace that everybody shares
 */
public record Namespace(List<String> parts) {
  /** The namespace that everybody shares. */
  public static final Namespace SHARED = new Namespace(List.of());

  /** Copies the path. */
  public Namespace {
    parts = List.copyOf(parts);
  }

  /** {@return the namespace with the given path} */
  public static Namespace of(String... parts) {
    return new Namespace(List.of(parts));
  }
}
