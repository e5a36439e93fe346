import org.jspecify.annotations.NullMarked;

/** A tier in files. */
@NullMarked
module io.pagoda.tier.ssd {
  requires io.pagoda.api;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.io_uring.linux.x86_64;
}
