package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * A connected socket, without blocking. Confined to the thread of its loop.
 *
 * <p>After a read or write that found nothing to do, {@link User#readable} or {@link User#writable}
 * is called; until the next call of the same kind, its vectors must not change.
 */
interface Wire {
  /**
   * {@return vectors of the kind that this wire takes}
   *
   * @param arena closed when nothing touches their memory
   * @param capacity of how many stretches
   */
  Vectors vectors(Arena arena, int capacity);

  /**
   * Reads some bytes.
   *
   * @return how many; 0 if there are none now; −1 if there will be no more
   */
  long read(Vectors into) throws IOException;

  /**
   * Writes some bytes.
   *
   * @return how many; 0 if there is no room now
   */
  long write(Vectors from) throws IOException;

  /** Says whose it is; called once, before anything else. */
  void user(User user);

  /** Closes it; {@link User#closed} is called when nothing touches any vector's memory. */
  void close();

  /** {@return what nobody else has who stands between both sides; empty without encryption} */
  default byte[] binding() throws IOException {
    return new byte[0];
  }

  /** The peer is who it should be: from now on much may be read and written at once. */
  default void grow() {
    // There is nothing that was kept small.
  }

  /** {@return whom a certificate says the peer to be, for people; empty if there is none} */
  default String identity() {
    return "";
  }

  /** {@return whether the kernel has all that was written} */
  default boolean flushed() {
    return true;
  }

  /** {@return the peer's address, for people} */
  String remote();

  /** Whoever has the wire. */
  interface User {
    /** There may be something to read. */
    void readable();

    /** There may be room to write. */
    void writable();

    /** Nothing will be readable or writable any more, and the wire is not closed. */
    void broken(IOException why);

    /** Nothing touches any memory any more. */
    void closed();
  }
}
