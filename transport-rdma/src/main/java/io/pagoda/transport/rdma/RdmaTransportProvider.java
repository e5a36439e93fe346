package io.pagoda.transport.rdma;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.util.List;

/** Opens transports of type {@code rdma}. */
public final class RdmaTransportProvider implements TransportProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public RdmaTransportProvider() {}

  @Override
  public String type() {
    return RdmaTransport.TYPE;
  }

  @Override
  public Availability availability() {
    return RdmaPorts.missing()
        .<Availability>map(Availability.Unavailable::new)
        .orElse(Availability.READY);
  }

  @Override
  public List<Finding> examine(Settings settings) {
    var _ = RdmaSettings.from(settings);
    return RdmaPorts.findings();
  }

  @Override
  public Transport open(Settings settings, Host host) {
    RdmaSettings read = RdmaSettings.from(settings);
    return read.rails() == 1
        ? RdmaTransport.open(read, host.name())
        : RailTransport.open(read, host.name());
  }
}
