package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a peer has made: it answers pieces in the order in which they come, and
 * believes nothing that they say.
 */
final class ServerConnection extends Connection {
  private final TcpEndpoint endpoint;
  private final Timed hurry = new Timed() {
    @Override
    void fire() {
      lost(
          new TransportException(
              Why.LOST, Fault.TRANSIENT, subject() + " did not say who it is in time"));
    }
  };
  private byte[] hello = {};
  private byte[] welcome = {};
  private Handshake.@Nullable Hello said;
  private @Nullable Session session;
  private boolean ready;
  private int serving;
  /** What the payload that comes now is for, or why it is thrown away. */
  private @Nullable Service receiving;
  private @Nullable Small answer;

  ServerConnection(TcpEndpoint endpoint, Loop loop, Wire wire) {
    super(endpoint.home(), loop, wire);
    this.endpoint = endpoint;
  }

  @Override
  void begin() {
    loop.timers().set(hurry, home.settings().handshake().toNanos());
    super.begin();
  }

  Session session() {
    Session own = session;
    if (own == null) {
      throw new IllegalStateException("not before the handshake");
    }
    return own;
  }

  /** Another stranger came, and this one has been one for longest. */
  void givesWay() {
    endpoint.refused(
        () -> "Cut off %s, which has not yet said who it is: as many as max-handshakes came later"
            .formatted(subject()));
    loop.execute(
        () -> lost(
            new TransportException(
                Why.REFUSED, Fault.TRANSIENT, subject() + " gave way to another")));
  }

  @Override
  public int allowed(Frame frame) {
    if (!ready) {
      boolean first = frame.type == Frame.HELLO && said == null && frame.payloadBytes == 0;
      boolean asked = frame.type == Frame.PROOF && welcome.length > 0;
      boolean second = asked && frame.payloadBytes == 0;
      return first ? Handshake.LONGEST : second ? Handshake.PROOF_BYTES : -1;
    }
    return switch (frame.type) {
      case Frame.READ -> frame.payloadBytes == 0 ? Frame.MAX_BODY_BYTES : -1;
      case Frame.WRITE -> Frame.MAX_BODY_BYTES;
      case Frame.TELL ->
        frame.payloadBytes == 0 ? Frame.REQUEST_BYTES + Frame.MAX_MESSAGE_BYTES : -1;
      case Frame.PING, Frame.BYE -> frame.payloadBytes == 0 ? 0 : -1;
      default -> -1;
    };
  }

  @Override
  public @Nullable Ranges begun(Frame frame, MemorySegment body) throws IOException {
    receiving = null;
    answer = null;
    switch (frame.type) {
      case Frame.HELLO -> hello(body);
      case Frame.PROOF -> proof(body);
      case Frame.READ, Frame.WRITE -> {
        return piece(frame, body);
      }
      case Frame.TELL -> tell(frame, body);
      case Frame.BYE -> session().leave();
      default -> {
        // A sign of life.
      }
    }
    return null;
  }

  private void hello(MemorySegment body) throws IOException {
    Handshake.Hello from = Handshake.Hello.decode(body)
        .orElseThrow(() -> new IOException("what came speaks another protocol"));
    said = from;
    hello = body.toArray(ValueLayout.JAVA_BYTE);
    boolean secret = home.settings().secret().isPresent();
    if (from.version() != Frame.VERSION) {
      refuse("it speaks version %d, this %d".formatted(from.version(), Frame.VERSION));
    } else if (!from.expected().equals(home.generation())) {
      refuse(Status.STALE, Status.STALE.reason());
    } else if (from.secret() != secret) {
      refuse(secret ? "this side asks for a secret" : "this side has no secret, and the other has");
    } else {
      welcome = new Handshake.Welcome(
          secret, home.generation(), home.settings().pieceBytes(), home.settings().pieces(),
          home.name()).encode();
      byte[] proof = Handshake
          .proof(home.settings().secret(), "pagoda server", hello, welcome, wire.binding());
      byte[] both = Arrays.copyOf(welcome, welcome.length + proof.length);
      System.arraycopy(proof, 0, both, welcome.length, proof.length);
      send(new Small(Frame.WELCOME, 0, 0, both));
    }
  }

  private void refuse(String why) {
    refuse(Status.REFUSED, why);
  }

  private void refuse(Status status, String why) {
    endpoint.refused(() -> "Refused %s: %s".formatted(subject(), why));
    send(
        new Small(
            Frame.END, status.code(), 0, Frame.reason(why),
            () -> loop.execute(
                () -> lost(
                    new TransportException(Why.REFUSED, Fault.PERMANENT, "Refused it: " + why)))));
  }

  private void proof(MemorySegment body) throws IOException {
    Handshake.Hello from = said;
    byte[] expected =
        Handshake.proof(home.settings().secret(), "pagoda client", hello, welcome, wire.binding());
    if (from == null || !Handshake.same(expected, body.toArray(ValueLayout.JAVA_BYTE))) {
      refuse("it does not know the secret");
      return;
    }
    if (!endpoint.admit(this)) {
      refuse("there are as many connections as max-connections allows");
      return;
    }
    Peer peer = new Peer(from.name(), from.generation(), wire.remote());
    String identity = wire.identity();
    Session joined = endpoint.session(from.link(), peer, identity);
    if (!joined.join(this, peer, identity)) {
      refuse("the link it belongs to is gone, or another's");
      return;
    }
    session = joined;
    ready = true;
    grow();
    loop.timers().remove(hurry);
    send(Small.done(0));
  }

  private void checkAgreed() throws IOException {
    if (serving + unsent() > 4 * home.settings().pieces()) {
      throw new IOException("it asks for more at once than was agreed");
    }
  }

  private @Nullable Ranges piece(Frame frame, MemorySegment body) throws IOException {
    checkAgreed();
    Request request = Request.read(frame, body, home.settings().pieceBytes());
    boolean write = frame.type == Frame.WRITE;
    if (write && frame.payloadBytes != request.bytes()) {
      throw new IOException("a write carries another number of bytes than it says");
    }
    TcpGrant grant = home.grants().find(request.token());
    Status status = admit(grant, write ? Right.WRITE : Right.READ, request);
    if (status != Status.DONE || grant == null) {
      refusePiece(frame, status, write);
      return null;
    }
    serving++;
    home.census().transfer(1);
    Service service = new Service(this, grant, frame, request);
    if (write) {
      receiving = service;
      return service;
    }
    send(service);
    return null;
  }

  private Status admit(@Nullable TcpGrant grant, Right right, Request request) {
    if (grant == null) {
      return home.grants().ending(request.token());
    }
    if (!grant.allows(right) || !request.place(grant)) {
      return Status.OUTSIDE;
    }
    return grant.enter(this, request.transfer(), false);
  }

  private void refusePiece(Frame frame, Status status, boolean later) {
    Small refusal = refusal(frame.id, status);
    if (later) {
      answer = refusal;
    } else {
      send(refusal);
    }
  }

  private static Small refusal(long id, Status status) {
    return new Small(Frame.END, status.code(), id, Frame.reason(status.reason()));
  }

  private void tell(Frame frame, MemorySegment body) throws IOException {
    if (body.byteSize() < Frame.REQUEST_BYTES) {
      throw new IOException("a message comes without a token");
    }
    checkAgreed();
    byte[] token = Frame.bytes(body, 0, Frame.TOKEN_BYTES);
    TcpGrant grant = home.grants().find(token);
    int bytes = (int) body.byteSize() - Frame.REQUEST_BYTES;
    byte[] message = Frame.bytes(body, Frame.REQUEST_BYTES, bytes);
    long transfer = body.get(Frame.LONG, Frame.TOKEN_BYTES);
    Status status = grant == null ? home.grants().ending(token) : grant.enter(this, transfer, true);
    if (status != Status.DONE || grant == null) {
      send(refusal(frame.id, status));
      return;
    }
    serving++;
    home.census().transfer(1);
    boolean told = grant.tell(session().peer(), message);
    left(grant);
    send(told ? Small.done(frame.id) : refusal(frame.id, Status.NO_GRANT));
  }

  @Override
  public void ended(Frame frame) {
    Service done = receiving;
    if (done != null) {
      receiving = null;
      int changed = done.changed();
      done.leave();
      send(
          changed < 0
              ? Small.done(frame.id)
              : new Small(
                  Frame.END, Status.CHANGED.code(), frame.id,
                  Frame.reason("range %d of the piece has changed on its way".formatted(changed))));
    }
    Small refusal = answer;
    if (refusal != null) {
      answer = null;
      send(refusal);
    }
  }

  /** A piece has left its grant. */
  void left(TcpGrant grant) {
    serving--;
    home.census().transfer(-1);
    grant.leave(this);
  }

  /** The peer does not go on with a piece of a grant that has ended. */
  void cutOff() {
    loop.execute(
        () -> lost(
            new TransportException(
                Why.LOST, Fault.TRANSIENT,
                "Cut off %s: it did not end in time what a revoked grant had allowed"
                    .formatted(subject()))));
  }

  @Override
  void lost(PagodaException cause) {
    if (!closing()) {
      boolean quiet = session == null || session().left();
      if (cause.getCause() instanceof Refusal why) {
        endpoint.refused(() -> "Refused %s: %s".formatted(subject(), why.getMessage()));
      }
      TcpTransport.LOG.log(quiet ? Level.DEBUG : Level.INFO, cause.getMessage());
      loop.timers().remove(hurry);
      Session own = session;
      if (own != null) {
        own.lost(cause);
      }
      shut();
    }
  }

  @Override
  void fenced() {
    Service cut = receiving;
    if (cut != null) {
      receiving = null;
      cut.leave();
    }
    endpoint.fenced(this, session);
  }

  static String text(MemorySegment body) {
    return new String(body.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
