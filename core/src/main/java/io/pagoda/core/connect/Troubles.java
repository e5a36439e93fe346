package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import org.jspecify.annotations.Nullable;

/** What goes wrong, in the connector's words. */
final class Troubles {
  private Troubles() {}

  static ConnectorException shape(String why) {
    return new ConnectorException(
        Trouble.SHAPE, Fault.PERMANENT, "What is here does not go with what is there: " + why);
  }

  static ConnectorException metadata(String why) {
    return metadata(why, null);
  }

  static ConnectorException metadata(String why, @Nullable Throwable cause) {
    return new ConnectorException(
        Trouble.METADATA, Fault.PERMANENT,
        "This is not metadata of an operation: %s. Ask the peer for it again".formatted(why),
        cause);
  }

  /** {@return what a transport reports, about {@code what}} */
  static ConnectorException of(String what, PagodaException cause) {
    return new ConnectorException(
        trouble(cause), cause.fault(), "%s: %s".formatted(what, cause.getMessage()), cause);
  }

  private static Trouble trouble(PagodaException cause) {
    if (!(cause instanceof TransportException told)) {
      return Trouble.FAILED;
    }
    return switch (told.why()) {
      case UNREACHABLE -> Trouble.UNREACHABLE;
      case REFUSED, NO_GRANT, OUTSIDE -> Trouble.REFUSED;
      case STALE -> Trouble.STALE;
      case LOST -> Trouble.PEER_LOST;
      case EXPIRED -> Trouble.EXPIRED;
      case USED_UP -> Trouble.USED_UP;
      case CHANGED -> Trouble.CORRUPT;
    };
  }
}
