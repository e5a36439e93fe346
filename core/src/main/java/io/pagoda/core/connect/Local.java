package io.pagoda.core.connect;

import io.pagoda.spi.transport.Region;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/** Memory here that an operation moves which began here, as its transport takes it. */
sealed interface Local permits Registered, Staged {
  /**
   * {@return completes when its bytes may be moved; exceptionally if they cannot be}
   */
  CompletionStage<?> open();

  /** {@return what it is of} */
  List<Region> regions();

  /** {@return which of the regions a stretch is of} */
  int region(int stretch);

  /** {@return where it starts there, in bytes} */
  long offset(int stretch);

  /** {@return the stretches, for this processor} */
  List<MemorySegment> memory();

  /** {@return the first stretch that has another checksum, if one has} */
  OptionalInt differing(int[] expected);

  /**
   * {@return completes when what has arrived is where it belongs; exceptionally if it cannot get
   * there}
   */
  CompletionStage<?> land();

  /** {@return what it is waiting for, for people} */
  String waiting();

  /**
   * Gives it up, when no transport touches it any more.
   *
   * @return completes when nothing does
   */
  CompletionStage<?> close();
}
