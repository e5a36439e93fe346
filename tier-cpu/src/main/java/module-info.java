import org.jspecify.annotations.NullMarked;

/** A tier in host memory. */
@NullMarked
module io.pagoda.tier.cpu {
  requires io.pagoda.api;
}
