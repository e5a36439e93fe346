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
  /** After so many bytes the peer hears how far they came: it may be waiting for that. */
  private static final long ANSWERED_BYTES = 128 << 10;

  final Home home;
  final Loop loop;
  final Wire wire;
  private final Arena arena = Arena.ofShared();
  private final Outbox outbox;
  private final Inbox inbox;
  private final Timed beat = new Beat();
  private long heard = System.nanoTime();
  private long writtenAtBeat;
  private long counted;
  private long unanswered;
  private boolean known;
  private boolean corked;
  private boolean closing;
  private boolean gone;

  Connection(Home home, Loop loop, Wire wire) {
    this.home = home;
    this.loop = loop;
    this.wire = wire;
    outbox = new Outbox(wire, arena);
    inbox = new Inbox(wire, arena, this);
    count(Outbox.SMALL_BYTES + Inbox.SMALL_BYTES);
  }

  private void count(long bytes) {
    counted += bytes;
    home.census().buffer(bytes);
  }

  /** The peer is who it should be: it may send and receive every frame. */
  final void grow() {
    known = true;
    wire.grow();
    outbox.grow();
    inbox.grow();
    count(Outbox.BUFFER_BYTES + Inbox.BUFFER_BYTES);
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

  /** {@return whether the peer takes signs of life by now} */
  boolean met() {
    return true;
  }

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
    } catch (IOException | RuntimeException | Error e) { // memory may have been freed too early
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
        answer(count);
      }
    } catch (IOException | RuntimeException | Error e) { // it is in the midst of a frame, for good
      broken(e);
    }
  }

  private void answer(long count) {
    unanswered += count;
    if (unanswered >= ANSWERED_BYTES) {
      unanswered = 0;
      flush();
    }
  }

  @Override
  public final void broken(IOException why) {
    broken((Throwable) why);
  }

  private void broken(Throwable e) {
    if (closing) {
      return;
    }
    if (e instanceof Refusal && !known) {
      lost(
          new TransportException(
              Why.REFUSED, Fault.PERMANENT,
              "Not linked to %s: %s".formatted(subject(), e.getMessage()), e));
    } else {
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
      arena.close();
      count(-counted);
      fenced();
    });
  }

  /** Sends a sign of life if nothing else was sent, and looks for the peer's. */
  private final class Beat extends Timed {
    @Override
    void fire() {
      if (silence() > home.settings().silence().toNanos()) {
        // If it was this side that slept, what came meanwhile is still to be read.
        loop.execute(Connection.this::judge);
        return;
      }
      if (outbox.written() == writtenAtBeat && outbox.size() == 0 && met()) {
        send(Connection::ping);
      }
      writtenAtBeat = outbox.written();
      loop.timers().set(this, home.settings().heartbeat().toNanos());
    }
  }

  private long silence() {
    return System.nanoTime() - heard;
  }

  private void judge() {
    readable();
    long silence = silence();
    if (closing) {
      return;
    }
    if (silence > home.settings().silence().toNanos()) {
      lost(
          new TransportException(
              Why.LOST, Fault.TRANSIENT,
              "Lost %s: it was silent for %d ms".formatted(subject(), silence / 1_000_000)));
    } else {
      beat.fire();
    }
  }

  private static int ping(MemorySegment at) {
    return Frame.header(at, Frame.PING, 0, 0, 0, 0);
  }
}
