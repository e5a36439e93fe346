package io.pagoda.spi.eviction;

/** Tells which slots may be emptied now. Implemented by the host. */
@FunctionalInterface
public interface Evictable {
  /** {@return whether the block in {@code slot} may go; one in use, or with successors, may not} */
  boolean test(int slot);
}
