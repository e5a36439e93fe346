import io.pagoda.spi.transport.TransportProvider;
import io.pagoda.transport.tcp.TcpTransportProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The {@code tcp} transport: one-sided reads and writes over sockets.
 *
 * <p>This module calls native code: sockets and epoll of Linux's C library.
 */
@NullMarked
module io.pagoda.transport.tcp {
  requires io.pagoda.api;

  provides TransportProvider with
      TcpTransportProvider;
}
