package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A frame that is to be sent. */
interface Outgoing {
  /**
   * Writes header and body.
   *
   * @param at room for the longest of them
   * @return how long they are
   */
  int encode(MemorySegment at);

  /** {@return the payload, or {@code null} if there is none} */
  default @Nullable Ranges payload() {
    return null;
  }

  /** Called when nothing of it is needed any more: all was given to the kernel. */
  default void sent() {}
}
