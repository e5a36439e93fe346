package io.pagoda.transport.tcp;

import java.util.UUID;

/** What connections need of their transport. */
interface Home {
  /** {@return how it is set} */
  TcpSettings settings();

  /** {@return what it holds} */
  Census census();

  /** {@return the grants that there are} */
  Grants grants();

  /** {@return which start of a transport this is} */
  UUID generation();

  /** {@return how it calls itself} */
  String name();
}
