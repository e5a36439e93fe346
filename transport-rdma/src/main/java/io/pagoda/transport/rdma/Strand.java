package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A further queue pair of a link: it moves bytes, and says nothing once it has joined. Whether the
 * peer lives is heard on the first.
 */
final class Strand implements Dial.Caller {
  private final RdmaTransport transport;
  private final RdmaLink link;
  private final byte[] ticket;
  private final Dial dial;
  private volatile boolean ready;

  /**
   * Prepares it.
   *
   * @param ticket that the peer gave to the link for this
   */
  Strand(RdmaTransport transport, RdmaLink link, byte[] ticket, int peerMtu, Duration deadline)
      throws IOException {
    this.transport = transport;
    this.link = link;
    this.ticket = ticket.clone();
    dial = new Dial(transport, this, peerMtu, deadline);
  }

  void connect(InetSocketAddress to) throws IOException {
    dial.connect(to);
  }

  /** {@return the queue pair, which is connected} */
  Queue queue() {
    Queue made = dial.queue();
    if (made == null) {
      throw new IllegalStateException("There is no queue pair yet");
    }
    return made;
  }

  @Override
  public void established() {
    queue().send(new Message(Message.JOIN, 0, ticket));
  }

  @Override
  public boolean opened() {
    return ready;
  }

  @Override
  public void heard(Message message) {
    if (message.type() == Message.READY && !ready) {
      ready = true;
      link.joined();
    } else if (message.type() == Message.REFUSED && !ready) {
      broken(
          Status.failure(
              message.status(), subject(), new String(message.body(), StandardCharsets.UTF_8)));
    } else {
      broken(
          new TransportException(
              Why.LOST, Fault.PERMANENT,
              "%s says what it may not: %d".formatted(subject(), message.type())));
    }
  }

  @Override
  public void broken(PagodaException why) {
    link.broken(why);
  }

  @Override
  public void flushed(PagodaException why) {
    transport.breakLater(() -> broken(why));
  }

  @Override
  public boolean serves() {
    return false;
  }

  @Override
  public String subject() {
    return link.subject();
  }

  /** Ends it: when this returns, the device touches nothing for it any more. */
  void end() {
    dial.end();
  }
}
