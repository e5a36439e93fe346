package io.pagoda.core.peer;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.peer.Message.Greeting;
import io.pagoda.core.peer.Message.Hello;
import io.pagoda.core.peer.Message.Refusal;
import io.pagoda.core.peer.Message.Welcome;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Meets peers.
 *
 * @param settings what this side calls itself, and the secret
 * @param shape of the blocks here
 * @param transports by which this side can read, preferred first
 * @param patience how long a meeting may take, and an answer
 */
record Meeting(
    PeerSettings settings, PeerShape shape, List<Transport> transports, Duration patience) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Copies the list. */
  Meeting {
    transports = List.copyOf(transports);
  }

  /**
   * Connects to a peer.
   *
   * @throws PagodaException if it is not there, or does not let this side in: why
   */
  Session with(InetSocketAddress peer) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      Channel channel = new Channel(connected(peer));
      try {
        channel.hurry(left(end));
        Welcome welcome = greet(channel);
        Link link = transport(welcome).connect(welcome.way(), left(end));
        return begun(channel, welcome, link);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PagodaException(Fault.TRANSIENT, "it cannot be met: " + e.getMessage(), e);
    }
  }

  private Session begun(Channel channel, Welcome welcome, Link link) throws IOException {
    try {
      Session session = new Session(channel, welcome, link, passedOver(welcome), patience);
      channel.calm();
      session.begin();
      return session;
    } catch (IOException | RuntimeException e) {
      link.close();
      throw e;
    }
  }

  /** {@return how much of the time is left, and a moment at least} */
  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
  }

  private Socket connected(InetSocketAddress peer) throws IOException {
    Socket socket = new Socket();
    try {
      InetSocketAddress now =
          peer.isUnresolved() ? new InetSocketAddress(peer.getHostString(), peer.getPort()) : peer;
      if (now.isUnresolved()) {
        throw new IOException("the name is not known");
      }
      socket.connect(now, Math.clamp(patience.toMillis(), 1, Integer.MAX_VALUE));
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private Welcome greet(Channel channel) throws IOException {
    if (!(channel.receive(Message.LONGEST_GREETING) instanceof Hello hello)) {
      throw refused("it does not say hello");
    }
    if (hello.version() != Message.VERSION) {
      throw refused(
          "it speaks version %d, and this side %d".formatted(hello.version(), Message.VERSION));
    }
    if (hello.secret() != settings.secret().isPresent()) {
      throw refused(
          hello.secret()
              ? "it asks for a secret, and there is none here: set pagoda.peers.secret-file"
              : "it has no secret, and here is one: give both the same, or none");
    }
    Greeting greeting = greeting(hello);
    channel.send(greeting);
    channel.veiled(Veil.of(settings.secret(), hello, greeting, true));
    return switch (channel.receive(Message.LONGEST_GREETING + (16 << 10))) {
      case Welcome welcome when welcome.shape().equals(shape) -> welcome;
      case Welcome welcome -> throw refused(
          "its blocks are others: %s there, and %s here".formatted(welcome.shape(), shape));
      case Refusal refusal -> throw refused(refusal.why());
      default -> throw refused("it answers something else");
    };
  }

  private Greeting greeting(Hello hello) {
    byte[] nonce = new byte[Message.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    List<String> types = transports.stream().map(Transport::type).toList();
    Greeting greeting = new Greeting(
        Message.VERSION, nonce, new byte[Message.PROOF_BYTES], settings.name(), shape, types);
    byte[] proof = Veil.proof(settings.secret(), hello, greeting);
    return new Greeting(Message.VERSION, nonce, proof, settings.name(), shape, types);
  }

  private Transport transport(Welcome welcome) {
    String type = welcome.way().transport();
    Optional<Transport> transport =
        transports.stream().filter(each -> each.type().equals(type)).findFirst();
    return transport.orElseThrow(() -> refused("it answers with transport '%s'".formatted(type)));
  }

  private List<String> passedOver(Welcome welcome) {
    return transports.stream()
        .map(Transport::type)
        .takeWhile(type -> !type.equals(welcome.way().transport()))
        .toList();
  }

  private static PagodaException refused(String why) {
    return new PagodaException(Fault.PERMANENT, why);
  }
}
