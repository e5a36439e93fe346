package io.pagoda.spi;

import java.util.concurrent.Executor;

/** What the host lends to an open part. Implemented by the host, so it may gain methods. */
public interface Host {
  /** {@return the name that the configuration gives the part, unique in its store} */
  String name();

  /** {@return bytes of every block in the store} */
  long blockBytes();

  /** {@return where work may block; each task has a virtual thread of its own} */
  Executor blocking();
}
