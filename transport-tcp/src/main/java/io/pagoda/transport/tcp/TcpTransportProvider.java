package io.pagoda.transport.tcp;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.util.List;

/** Opens transports of type {@code tcp}. */
public final class TcpTransportProvider implements TransportProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public TcpTransportProvider() {}

  @Override
  public String type() {
    return "tcp";
  }

  @Override
  public Availability availability() {
    return Backend.EPOLL.missing()
        .<Availability>map(
            why -> new Availability.Limited("Java's channels instead of epoll: " + why))
        .orElse(Availability.READY);
  }

  @Override
  public List<Finding> examine(Settings settings) {
    Backend.Choice choice = TcpSettings.from(settings).backend().choose();
    String why = choice.why().isEmpty() ? "" : " (" + choice.why() + ")";
    return List.of(new Finding("tcp", "sockets", choice.backend().word() + why));
  }

  @Override
  public boolean check(Settings settings) {
    TcpSettings.from(settings);
    return true;
  }

  @Override
  public Transport open(Settings settings, Host host) {
    return TcpTransport.open(TcpSettings.from(settings), host.name());
  }
}
