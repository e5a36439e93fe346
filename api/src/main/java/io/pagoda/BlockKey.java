package io.pagoda;

/**
 * The name of a block: 128 bits over the model, the namespace and every token up to the block's
 * end, so that equal keys mean equal prefixes.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record BlockKey(long high, long low) {
  /** {@return the key as 32 lower-case hexadecimal digits} */
  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }
}
