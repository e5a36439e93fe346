package io.pagoda.tck;

import org.junit.jupiter.api.Test;

/** A tier that was used and closed leaves nothing open behind it. */
public interface TierLeakContract extends TierUnderTest {
  /** Files and sockets are closed. */
  @Test
  default void leavesNoDescriptorOpen() {
    leaks().expectNoDescriptors();
  }

  /** Threads of its own have ended, or end soon. */
  @Test
  default void leavesNoThreadRunning() {
    leaks().expectNoThreads();
  }

  private Leaks leaks() {
    return new Leaks("tiers", patience(), round -> {
      try (var trial = new Trial(this)) {
        trial.store(round % 8, 5_000 + round);
        trial.expect(round % 8, 5_000 + round);
      }
    });
  }
}
