import org.jspecify.annotations.NullMarked;

/**
 * Where the product begins. What this module requires is in the layer that the JVM starts with,
 * which plugins stand on.
 */
@NullMarked
module io.pagoda.launch {
  requires io.pagoda.api;
  requires static org.jspecify;
}
