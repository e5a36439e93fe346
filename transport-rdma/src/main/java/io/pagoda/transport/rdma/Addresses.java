package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Addresses as people write them: {@code host:port}, {@code [::1]:port}. */
final class Addresses {
  private Addresses() {}

  static InetSocketAddress parse(String text, String what) {
    int colon = text.lastIndexOf(':');
    try {
      String host = text.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
      int port = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && port >= 0 && port < 1 << 16) {
        return new InetSocketAddress(InetAddress.getByName(host), port);
      }
    } catch (NumberFormatException e) {
      throw wrong(text, what, "its port is no number", e);
    } catch (UnknownHostException e) {
      throw wrong(text, what, "no such host is known", e);
    }
    throw wrong(text, what, "it has no port", null);
  }

  private static PagodaException wrong(
      String text, String what, String why, @Nullable Exception cause) {
    return new PagodaException(
        Fault.PERMANENT, "The address '%s' (%s) is not host:port: %s".formatted(text, what, why),
        cause);
  }

  /** {@return how peers reach what is bound to {@code bound}} */
  static String advertised(RdmaSettings settings, InetSocketAddress bound) {
    String host = settings.advertise();
    if (host.isEmpty() && bound.getAddress().isAnyLocalAddress()) {
      throw new PagodaException(
          Fault.PERMANENT,
          "listen = \"%s\" is every address of this machine, so `advertise` has to name the one"
              .formatted(settings.listen()) + " that peers use");
    }
    String name = host.isEmpty() ? bound.getAddress().getHostAddress() : host;
    return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + bound.getPort();
  }
}
