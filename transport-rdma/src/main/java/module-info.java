import io.pagoda.spi.transport.TransportProvider;
import io.pagoda.transport.rdma.RdmaTransportProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The {@code rdma} transport: one-sided reads and writes by RDMA devices, through the classes of
 * DiSNI.
 *
 * <p>This module calls native code, libibverbs and librdmacm; and so does {@code disni}, where its
 * own library is asked for.
 */
@NullMarked
@SuppressWarnings("requires-automatic") // DiSNI has no descriptor
module io.pagoda.transport.rdma {
  requires io.pagoda.api;
  requires disni;
  // DiSNI's classes log by it, and a module without descriptor cannot ask for it.
  requires org.slf4j;

  provides TransportProvider with
      RdmaTransportProvider;
}
