package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong in the midst of a frame, its connection does not go on from there. */
class BrokenFrameTest {
  /** Cannot read the first frame, as if a file that is mapped had been cut off. */
  private static final class Poor extends Connection {
    private final CompletableFuture<PagodaException> lost = new CompletableFuture<>();
    private final CompletableFuture<Void> fenced = new CompletableFuture<>();

    Poor(Home home, Loop loop, Wire wire) {
      super(home, loop, wire);
    }

    @Override
    public int allowed(Frame frame) {
      return 0;
    }

    @Override
    public @Nullable Ranges begun(Frame frame, MemorySegment body) {
      throw new InternalError("as this test says");
    }

    @Override
    public void ended(Frame frame) {
      throw new AssertionError("it has not begun");
    }

    @Override
    void lost(PagodaException cause) {
      lost.complete(cause);
      shut();
    }

    @Override
    void fenced() {
      fenced.complete(null);
    }
  }

  @Test
  void anErrorEndsTheConnection() {
    try (TcpTransport transport = Rig.of(Backend.AUTO).open("poor")) {
      HandLoop loop = new HandLoop();
      Pipe pipe = new Pipe(() -> Integer.MAX_VALUE, Integer.MAX_VALUE);
      Poor poor = new Poor(transport, loop, pipe.other);
      poor.begin();
      byte[] ping = FuzzTest.framed(Frame.PING, 0, new byte[0], 0, 0);
      pipe.other.say(ping, 0, ping.length);
      pipe.other.tell();
      loop.stop();
      assertTrue(poor.lost.isDone(), "it goes on");
      String why = String.valueOf(poor.lost.join().getMessage());
      assertTrue(why.contains("as this test says"), why);
      assertTrue(poor.fenced.isDone() && pipe.other.isClosed());
      assertEquals(0, transport.use().bufferBytes());
    }
  }
}
