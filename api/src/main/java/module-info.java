import org.jspecify.annotations.NullMarked;

/**
 * The words of Pagoda and the interfaces a plugin may implement.
 *
 * <p>This module needs nothing but {@code java.base}. Every other module needs this one, and it is
 * all that a plugin sees of the engine.
 */
@NullMarked
module io.pagoda.api {
  requires static transitive org.jspecify;

  exports io.pagoda;
  exports io.pagoda.spi;
  exports io.pagoda.spi.eviction;
  exports io.pagoda.spi.tier;
  exports io.pagoda.spi.transport;
}
