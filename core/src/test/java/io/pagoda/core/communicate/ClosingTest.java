package io.pagoda.core.communicate;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.KvArrivals;
import io.pagoda.KvLayout;
import io.pagoda.KvRole;
import io.pagoda.KvShard;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.connect.HandTransport;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A communicator that is closed has given the engine's memory back. */
@Timeout(60)
class ClosingTest {
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, 2, 64);

  private static CommunicatorSettings settings() {
    Duration minute = Duration.ofMinutes(1);
    return new CommunicatorSettings(
        "decode", KvRole.DECODE, "llama",
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), minute, minute, minute,
        Optional.empty());
  }

  /** Peers may have begun to write, and it takes time until they are cut off. */
  @Test
  void waitsUntilNobodyWritesAnyMore() throws Exception {
    HandTransport transport = new HandTransport();
    CompletableFuture<Void> released = new CompletableFuture<>();
    transport.released(released);
    try (Arena arena = Arena.ofShared()) {
      PoolPart part = new PoolPart(SPEC, List.of(arena.allocate(SPEC.bytes())), 0, 0, false);
      var communicator = new TransportCommunicator(
          settings(), List.of(transport), part, KvShard.WHOLE, KvArrivals.NONE);
      var closed = CompletableFuture.runAsync(communicator::close);
      assertThrows(TimeoutException.class, () -> closed.get(300, TimeUnit.MILLISECONDS));
      released.complete(null);
      closed.get(10, TimeUnit.SECONDS);
    }
  }
}
