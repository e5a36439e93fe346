package io.pagoda.remote.http;

import java.io.IOException;
import java.io.Serial;

/** A connection that was kept turned out to be closed before anything of a response came. */
final class StaleConnectionException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  StaleConnectionException(IOException cause) {
    super("The server closed a connection that was kept", cause);
  }
}
