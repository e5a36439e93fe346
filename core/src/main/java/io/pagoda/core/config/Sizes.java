package io.pagoda.core.config;

import io.pagoda.ByteSize;

/** Sizes as a configuration has them, wherever else they are written. */
public final class Sizes {
  private Sizes() {}

  /**
   * Reads a size.
   *
   * @param text a number and a unit, such as {@code 64GiB}
   * @throws IllegalArgumentException if it is written otherwise
   */
  public static ByteSize parse(String text) {
    try {
      return new ByteSize(Quantity.SIZE.parse(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a number and a unit, such as 64GiB or 1TiB".formatted(text), e);
    }
  }
}
