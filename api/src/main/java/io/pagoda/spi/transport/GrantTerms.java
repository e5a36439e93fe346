package io.pagoda.spi.transport;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a grant gives.
 *
 * @param windows what of memory, in the order in which batches number it, such as the keys and the
 *     values of every layer
 * @param rights what peers may do there, at least one
 * @param lifetime how long, from now on; longer than zero
 * @param uses how many batches in all, or 0 for any number; one more is refused, and those before
 *     it go on
 */
public record GrantTerms(List<Window> windows, Set<Right> rights, Duration lifetime, int uses) {
  /**
   * Copies both.
   *
   * @throws IllegalArgumentException if it would give nothing
   */
  public GrantTerms {
    windows = List.copyOf(windows);
    rights = Set.copyOf(rights);
    if (windows.isEmpty() || rights.isEmpty() || !lifetime.isPositive() || uses < 0) {
      throw new IllegalArgumentException(
          ("A grant has at least one window and one right, lasts longer than zero, and is for a"
              + " number of uses or, with 0, for any: windows=%d rights=%s lifetime=%s uses=%d")
              .formatted(windows.size(), rights, lifetime, uses));
    }
  }

  /** Gives one window, for any number of batches. */
  public GrantTerms(Window window, Right right, Duration lifetime) {
    this(List.of(window), Set.of(right), lifetime, 0);
  }
}
