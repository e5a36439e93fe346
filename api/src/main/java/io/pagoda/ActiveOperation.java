package io.pagoda;

import io.pagoda.spi.transport.Road;

/** Bytes on their way to or from memory that a peer has exposed. */
public interface ActiveOperation extends Operation {
  /** {@return the connection it uses} */
  Connection connection();

  /** {@return how its bytes go, and why not a better way} */
  Road path();
}
