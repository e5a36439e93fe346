package io.pagoda.core.communicate;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;

/** A conversation with a worker that decodes, as the one that prefills has it. */
final class Meeting implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Talk talk;
  private final Answer answer;

  private Meeting(Talk talk, Answer answer) {
    this.talk = talk;
    this.answer = answer;
  }

  /** Meets a worker, which waits for {@link #confirm} then. */
  static Meeting with(InetSocketAddress peer, Greeting greeting, Secret secret, Duration patience) {
    try {
      Talk talk = new Talk(connected(peer, patience), patience, new HashSet<>());
      try {
        return new Meeting(talk, ask(talk, greeting, secret));
      } catch (IOException | RuntimeException e) {
        talk.close();
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new PagodaException(
          Fault.TRANSIENT,
          "Cannot connect to the worker at %s: %s. Is it there, and does it decode?"
              .formatted(peer, e.getMessage()),
          e);
    }
  }

  private static Socket connected(InetSocketAddress peer, Duration patience) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(peer, (int) Math.min(Integer.MAX_VALUE, patience.toMillis()));
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static Answer ask(Talk talk, Greeting greeting, Secret secret) throws IOException {
    Hello hello = Hello.decode(talk.receive(Hello.MAX_BYTES));
    if (hello.secret() != secret.key().isPresent()) {
      throw new PagodaException(
          Fault.PERMANENT,
          hello.secret()
              ? "The worker asks for a secret, and this one has none: give both the same"
              : "The worker has no secret, and this one does not go without: give both the same");
    }
    byte[] own = new byte[Hello.NONCE_BYTES];
    RANDOM.nextBytes(own);
    byte[] said = greeting.encode();
    talk.send(Talk.bytes(out -> {
      out.write(own);
      out.write(secret.proof(hello.nonce(), own, said));
      out.write(said);
    }));
    return answered(talk.receive(Answer.MAX_BYTES), secret, Talk.bytes(out -> {
      out.write(hello.nonce());
      out.write(own);
    }));
  }

  private static Answer answered(byte[] message, Secret secret, byte[] conversation)
      throws IOException {
    if (message.length == 0 || message[0] != Rendezvous.ADMITTED) {
      String why = message.length == 0
          ? "it says nothing"
          : new String(message, 1, message.length - 1, StandardCharsets.UTF_8);
      throw new PagodaException(Fault.PERMANENT, "The worker refuses: " + why);
    }
    try {
      return Answer
          .decode(secret.show(conversation, Arrays.copyOfRange(message, 1, message.length)));
    } catch (GeneralSecurityException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Who answers does not know the secret, or what it says was changed on its way", e);
    }
  }

  Answer answer() {
    return answer;
  }

  /** Says that this side is connected and will use the grant. */
  void confirm() {
    try {
      talk.send(new byte[] {Rendezvous.ADMITTED});
    } catch (IOException e) {
      throw new PagodaException(
          Fault.TRANSIENT, "The worker has gone while this one connected: " + e.getMessage(), e);
    }
  }

  /** Has something done when the worker lets this side write no more. */
  void whenOver(Runnable task) {
    Thread.ofVirtual().name("pagoda-meeting").start(() -> {
      try {
        talk.awaitEnd();
      } catch (IOException e) {
        TransportCommunicator.LOG.log(Level.DEBUG, "A conversation is over: {0}", e.getMessage());
      }
      task.run();
    });
  }

  /** Ends the conversation, and with it the right to write. */
  @Override
  public void close() {
    talk.close();
  }
}
