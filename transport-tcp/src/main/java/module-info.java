import io.pagoda.spi.transport.TransportProvider;
import io.pagoda.transport.tcp.TcpTransportProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The {@code tcp} transport: one-sided reads and writes over sockets.
 *
 * <p>This module calls native code, sockets and epoll of Linux's C library; and so do, for io_uring,
 * {@code io.netty.common}, {@code io.netty.transport.unix.common} and {@code
 * io.netty.transport.classes.io_uring}.
 */
@NullMarked
module io.pagoda.transport.tcp {
  requires io.pagoda.api;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.io_uring;
  // Nothing else asks for the native library's module, and without it io_uring is not found.
  requires io.netty.transport.io_uring.linux.x86_64;

  provides TransportProvider with
      TcpTransportProvider;
}
