package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One socket of a link, of either side: it sends and receives frames, and notices when the peer is
 * silent for too long. Confined to the thread of its loop.
 */
abstract class Connection implements Wire.User, Inbox.Handler {
  /** After so many reads others have their turn. */
  private static final int READS = 32;

  final Home home;
  final Loop loop;
  final Wire wire;
  private final Arena arena = Arena.ofShared();
  private final Outbox outbox;
  private final Inbox inbox;
  private final Timed beat = new Beat();
  private long heard = System.nanoTime();
  private long writtenAtBeat;
  private boolean corked;
  private boolean closing;
  private boolean gone;

  Connection(Home home, Loop loop, Wire wire) {
    this.home = home;
    this.loop = loop;
    this.wire = wire;
    outbox = new Outbox(wire, arena);
    inbox = new Inbox(wire, arena, this);
    home.census().buffer(Outbox.BUFFER_BYTES + Inbox.BUFFER_BYTES);
  }

  /** Begins to receive. */
  void begin() {
    loop.timers().set(beat, home.settings().heartbeat().toNanos());
    wire.user(this);
  }

  /** Says that the peer is not what it should be, or gone, and closes the connection. */
  abstract void lost(PagodaException cause);

  /** Nothing touches any memory for this connection any more. */
  abstract void fenced();

  /** {@return what goes wrong if nothing is heard} */
  String subject() {
    return "the peer at " + wire.remote();
  }

  /** Sends a frame, after those that were given before. */
  final void send(Outgoing frame) {
    if (gone) {
      frame.sent();
      return;
    }
    outbox.add(frame);
    if (!corked) {
      flush();
    }
  }

  /** Does something that sends several frames, which then go together. */
  final void together(Runnable task) {
    if (corked) {
      task.run();
      return;
    }
    corked = true;
    try {
      task.run();
    } finally {
      corked = false;
    }
    flush();
  }

  /** {@return how many frames are not sent} */
  final int unsent() {
    return outbox.size();
  }

  private void flush() {
    if (closing) {
      return;
    }
    try {
      outbox.flush();
    } catch (IOException | RuntimeException e) { // memory may have been freed too early
      broken(e);
    }
  }

  @Override
  public final void writable() {
    together(() -> {});
  }

  @Override
  public final void readable() {
    together(this::receive);
  }

  private void receive() {
    try {
      for (int i = 0; i < READS && !closing; i++) {
        long count = wire.read(inbox.vectors());
        if (count == 0) {
          return;
        }
        if (count < 0) {
          throw new IOException(subject() + " has closed the connection");
        }
        heard = System.nanoTime();
        inbox.took(count);
      }
    } catch (IOException e) {
      broken(e);
    }
  }

  private void broken(Exception e) {
    if (!closing) {
      lost(
          new TransportException(
              Why.LOST, Fault.TRANSIENT, "Lost " + subject() + ": " + e.getMessage(), e));
    }
  }

  /** Closes the connection; {@link #fenced} follows. */
  final void shut() {
    if (!closing) {
      closing = true;
      loop.timers().remove(beat);
      wire.close();
    }
  }

  /** {@return whether it is closed, or soon will be} */
  final boolean closing() {
    return closing;
  }

  @Override
  public final void closed() {
    // Whoever closed it may be in the midst of a frame.
    loop.execute(() -> {
      gone = true;
      outbox.drop();
      inbox.drop();
      arena.close();
      home.census().buffer(-Outbox.BUFFER_BYTES - Inbox.BUFFER_BYTES);
      fenced();
    });
  }

  /** Sends a sign of life if nothing else was sent, and looks for the peer's. */
  private final class Beat extends Timed {
    @Override
    void fire() {
      long silence = System.nanoTime() - heard;
      if (silence > home.settings().silence().toNanos()) {
        lost(
            new TransportException(
                Why.LOST, Fault.TRANSIENT,
                "Lost %s: it was silent for %d ms".formatted(subject(), silence / 1_000_000)));
        return;
      }
      if (outbox.written() == writtenAtBeat && outbox.size() == 0) {
        send(Connection::ping);
      }
      writtenAtBeat = outbox.written();
      loop.timers().set(this, home.settings().heartbeat().toNanos());
    }
  }

  private static int ping(MemorySegment at) {
    return Frame.header(at, Frame.PING, 0, 0, 0, 0);
  }
}
