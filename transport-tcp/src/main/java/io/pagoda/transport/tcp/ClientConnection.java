package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A connection of a link: it sends pieces while there is room, and is answered in their order. */
final class ClientConnection extends Connection {
  /** How long what is said last may take. */
  private static final long FAREWELL_NANOS = 100_000_000;

  private static final long LOOK_NANOS = 1_000_000;

  private final TcpLink link;
  private final byte[] hello;
  private final ArrayDeque<Piece> inFlight = new ArrayDeque<>();
  private final AtomicBoolean asked = new AtomicBoolean();
  private int window;
  private boolean welcomed;
  private boolean ready;
  private long nextId = 1;
  private @Nullable PagodaException failure;

  ClientConnection(TcpLink link, Loop loop, Wire wire, byte[] hello) {
    super(link.home(), loop, wire);
    this.link = link;
    this.hello = hello;
  }

  @Override
  void begin() {
    super.begin();
    send(new Small(Frame.HELLO, 0, 0, hello));
  }

  /** Has pieces of the link sent, from any thread. */
  void ask() {
    if (!asked.getAndSet(true)) {
      if (loop.here()) {
        pump();
      } else {
        loop.execute(this::pump);
      }
    }
  }

  private void pump() {
    asked.set(false);
    if (ready && !closing()) {
      together(this::sendPieces);
    }
  }

  private void sendPieces() {
    while (inFlight.size() < window) {
      Piece piece = link.next(nextId);
      if (piece == null) {
        return;
      }
      nextId++;
      inFlight.add(piece);
      send(piece);
    }
  }

  @Override
  public int allowed(Frame frame) {
    Piece first = inFlight.peek();
    return switch (frame.type) {
      case Frame.WELCOME -> welcomed || frame.payloadBytes != 0 ? -1 : Handshake.LONGEST;
      case Frame.DATA -> first != null
          && first.isRead()
          && first.wasSent()
          && first.id() == frame.id
          && frame.payloadBytes == first.bytes()
          && frame.bodyBytes == first.answerBytes() ? first.answerBytes() : -1;
      case Frame.END ->
        frame.payloadBytes == 0 && isAnswer(first, frame) ? Frame.MAX_REASON_BYTES : -1;
      case Frame.PING -> frame.payloadBytes == 0 ? 0 : -1;
      default -> -1;
    };
  }

  private boolean isAnswer(@Nullable Piece first, Frame frame) {
    if (!ready) {
      return frame.id == 0 && (welcomed || frame.status != 0);
    }
    return first != null
        && first.wasSent()
        && first.id() == frame.id
        && (frame.status != 0 || !first.isRead());
  }

  @Override
  public @Nullable Ranges begun(Frame frame, MemorySegment body) throws IOException {
    failure = null;
    switch (frame.type) {
      case Frame.WELCOME -> welcome(body);
      case Frame.DATA -> {
        Piece first = inFlight.element();
        first.expect(body);
        return first;
      }
      case Frame.END -> {
        if (frame.status != 0) {
          failure = Status.failure(
              frame.status, "%s at %s".formatted(what(), subject()), ServerConnection.text(body));
        }
      }
      default -> {
        // A sign of life.
      }
    }
    return null;
  }

  private String what() {
    Piece first = inFlight.peek();
    return first == null ? "Connecting" : first.toString();
  }

  private void welcome(MemorySegment body) throws IOException {
    byte[] all = body.toArray(ValueLayout.JAVA_BYTE);
    int end = Math.max(0, all.length - Handshake.PROOF_BYTES);
    byte[] welcome = Arrays.copyOf(all, end);
    byte[] proof = Arrays.copyOfRange(all, end, all.length);
    Handshake.Welcome from = Handshake.Welcome.decode(welcome)
        .orElseThrow(() -> new IOException("it speaks another protocol"));
    byte[] expected =
        Handshake.proof(home.settings().secret(), "pagoda server", hello, welcome, wire.binding());
    if (from.secret() != home.settings().secret().isPresent() || !Handshake.same(proof, expected)) {
      lost(
          new TransportException(
              Why.REFUSED, Fault.PERMANENT,
              "Not linked to %s: it does not know the secret that this side was given"
                  .formatted(subject())));
      return;
    }
    welcomed = true;
    window = Math.min(home.settings().window(), from.pieces());
    link.agreed(from);
    byte[] own =
        Handshake.proof(home.settings().secret(), "pagoda client", hello, welcome, wire.binding());
    send(new Small(Frame.PROOF, 0, 0, own));
  }

  @Override
  public void ended(Frame frame) {
    if (frame.type == Frame.END && !ready) {
      greeted();
    } else if (frame.type == Frame.DATA) {
      dataCame();
    } else if (frame.type == Frame.END) {
      over(failure);
    }
  }

  private void greeted() {
    PagodaException refused = failure;
    if (refused != null) {
      lost(refused);
      return;
    }
    ready = true;
    grow();
    link.ready(wire.identity());
    pump();
  }

  private void dataCame() {
    int changed = inFlight.element().changed();
    over(
        changed < 0
            ? null
            : new TransportException(
                Why.CHANGED, Fault.TRANSIENT,
                "Range %d of the batch has changed on its way from %s: its checksum does not fit"
                    .formatted(changed, subject())));
  }

  private void over(@Nullable PagodaException why) {
    inFlight.remove().over(why);
    sendPieces();
  }

  /** Before, a stranger says what is asked of it, and nothing else, however long that takes. */
  @Override
  boolean met() {
    return ready;
  }

  @Override
  String subject() {
    return link.subject();
  }

  @Override
  void lost(PagodaException cause) {
    if (!closing()) {
      link.fail(cause);
      shut();
    }
  }

  /** Closes, and says before that nothing is broken off, if nothing is. */
  void leave(boolean idle) {
    if (ready && !closing() && idle) {
      send(new Small(Frame.BYE, 0, 0, new byte[0]));
      new Farewell().fire();
    } else {
      shut();
    }
  }

  /** Waits until what was said last is on its way, but not for a peer that takes nothing. */
  private final class Farewell extends Timed {
    private final long begun = System.nanoTime();

    @Override
    void fire() {
      boolean said = unsent() == 0 && wire.flushed();
      if (said || closing() || System.nanoTime() - begun > FAREWELL_NANOS) {
        shut();
      } else {
        loop.timers().set(this, LOOK_NANOS);
      }
    }
  }

  @Override
  void fenced() {
    PagodaException why = link.cause();
    while (!inFlight.isEmpty()) {
      inFlight.remove().over(why);
    }
    link.fenced();
  }
}
