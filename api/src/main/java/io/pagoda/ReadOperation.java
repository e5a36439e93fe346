package io.pagoda;

import java.util.List;

/** Bytes on their way from a peer's memory to here. */
public interface ReadOperation extends ActiveOperation {
  /**
   * {@return the memory that now has the peer's bytes}
   *
   * @throws IllegalStateException unless it is complete
   */
  List<Descriptor> results();
}
