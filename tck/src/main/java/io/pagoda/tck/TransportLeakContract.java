package io.pagoda.tck;

import static io.pagoda.tck.TransportTrial.BOTH;
import static io.pagoda.tck.TransportTrial.told;
import static io.pagoda.tck.TransportTrial.whole;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import org.junit.jupiter.api.Test;

/**
 * A transport that was used and closed leaves nothing open behind it. Apart from {@link
 * TransportContract}, since it opens many, which takes long where opening one does.
 */
public interface TransportLeakContract extends TransportUnderTest {
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
    return new Leaks("transports", patience(), _ -> {
      try (var trial = new TransportTrial(this)) {
        Grant grant = trial.grant(trial.memory(100), BOTH, GrantListener.NONE);
        trial.moves(whole(Direction.READ, trial.local(trial.memory(100)), told(grant)));
      }
    });
  }
}
