package io.pagoda.core.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What an engine works with: threads, time, arithmetic. The real one has threads; a simulation has
 * none, and so decides what happens when.
 */
public interface Workshop extends TimeSource, AutoCloseable {
  /** {@return what copies, seals and verifies host memory} */
  Executor copies();

  /** {@return how many bytes a copy may have to be made at once, by whoever asks for it} */
  long smallCopyBytes();

  /** {@return how many bytes move at once at most, unless one block has more} */
  long hopBytes();

  /** {@return how many bytes a batch has at most that a device copies} */
  default long deviceHopBytes() {
    return 32 * hopBytes();
  }

  /** {@return the same where a batch has nothing to overlap with: each costs a wait and a wake} */
  default long loneDeviceHopBytes() {
    return 16 * deviceHopBytes();
  }

  /** {@return how many copies run at once} */
  int copyThreads();

  /** {@return how blocks are sealed and verified} */
  Checksums checksums();

  /** Takes what engine code threw and should not have. */
  void bug(Throwable bug);

  /** Takes what a caller's own code threw when it was called back. */
  void callersFault(String whose, Throwable thrown);

  /** Waits for something that the engine's own work will bring; returns false if it does not. */
  boolean await(CompletableFuture<?> awaited);

  @Override
  void close();
}
