package io.pagoda.core.communicate;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Where workers that prefill come to learn how to write to one that decodes.
 *
 * <p><b>Threads.</b> Its own, which only wait.
 */
final class Rendezvous implements AutoCloseable {
  /** What a message begins with if all is well; one that refuses begins otherwise. */
  static final byte ADMITTED = 1;

  private static final byte REFUSED = 0;

  /** After how long it is tried again to take connections, in milliseconds. */
  private static final long PAUSE_MILLIS = 250;

  /** More do not come at once, unless they mean ill. */
  private static final int MOST_AT_ONCE = 64;

  private final SecureRandom random = new SecureRandom();
  private final ServerSocket server;
  private final Secret secret;
  private final Duration patience;
  private final Door door;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final Set<Talk> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Lets workers in. */
  interface Door {
    /**
     * Lets a worker write.
     *
     * @throws PagodaException if it may not
     * @throws IllegalArgumentException if what it holds does not go with what is here
     */
    Guest admit(Greeting greeting);
  }

  /** A worker that was let in. */
  interface Guest {
    /** {@return what it is told} */
    Answer answer();

    /** {@return completes when it may write no more} */
    CompletionStage<?> gone();

    /** Takes back what it was let do. */
    void turnAway();
  }

  /** Takes connections of a socket that is bound, and closes it when it is closed. */
  Rendezvous(ServerSocket server, Secret secret, Duration patience, Door door) {
    this.server = server;
    this.secret = secret;
    this.patience = patience;
    this.door = door;
    threads.execute(this::serve);
  }

  /** Opens one. */
  static Rendezvous open(InetSocketAddress at, Secret secret, Duration patience, Door door) {
    try {
      ServerSocket server = new ServerSocket();
      try {
        server.bind(at);
        return new Rendezvous(server, secret, patience, door);
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Cannot take connections at %s: %s. Choose another address, or port 0 for any"
              .formatted(at, e.getMessage()),
          e);
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private void serve() {
    boolean well = true;
    try {
      while (!server.isClosed()) {
        places.acquire();
        boolean taken = taken(well);
        if (!taken && closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
        well = taken;
      }
    } catch (InterruptedException _) {
      TransportCommunicator.LOG.log(Level.DEBUG, "Interrupted: it is being closed");
    }
  }

  /**
   * {@return whether a connection was taken}
   *
   * @param well whether the one before was: if not, it was said why
   */
  private boolean taken(boolean well) {
    try {
      begin(server.accept());
      return true;
    } catch (IOException | RuntimeException | Error e) { // others will come
      places.release();
      if (well && !server.isClosed()) {
        log(Level.WARNING, "Connections cannot be taken for now", e);
      }
      return false;
    }
  }

  private void begin(Socket socket) throws IOException {
    try {
      threads.execute(() -> converse(socket));
    } catch (RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  private void converse(Socket socket) {
    Optional<Guest> guest = Optional.empty();
    try (Talk talk = new Talk(socket, patience, open)) {
      try {
        guest = welcome(talk);
      } finally {
        places.release();
      }
      if (guest.isPresent() && !server.isClosed()) {
        talk.awaitEnd();
      }
    } catch (IOException | GeneralSecurityException e) {
      log(Level.INFO, "Who came to write did not stay", e);
    } finally {
      guest.ifPresent(Guest::turnAway);
    }
  }

  /** {@return who has come, and may write for as long as the conversation lasts} */
  private Optional<Guest> welcome(Talk talk) throws IOException, GeneralSecurityException {
    byte[] nonce = new byte[Hello.NONCE_BYTES];
    random.nextBytes(nonce);
    talk.send(new Hello(secret.key().isPresent(), nonce).encode());
    byte[] said = talk.receive(Hello.NONCE_BYTES + Secret.PROOF_BYTES + Greeting.MAX_BYTES);
    try {
      Guest guest = door.admit(greeting(nonce, said));
      return tell(talk, guest, nonce, said) ? Optional.of(guest) : Optional.empty();
    } catch (PagodaException | IllegalArgumentException e) {
      log(Level.WARNING, "A worker was refused", e);
      String why = String.valueOf(e.getMessage());
      talk.send(first(REFUSED, why.getBytes(StandardCharsets.UTF_8)));
      return Optional.empty();
    }
  }

  private boolean tell(Talk talk, Guest guest, byte[] nonce, byte[] said)
      throws IOException, GeneralSecurityException {
    boolean stays = false;
    try {
      byte[] conversation = Talk.bytes(out -> {
        out.write(nonce);
        out.write(said, 0, Hello.NONCE_BYTES);
      });
      talk.send(first(ADMITTED, secret.hide(conversation, guest.answer().encode())));
      stays = Arrays.equals(talk.receive(1), new byte[] {ADMITTED});
      var _ = guest.gone().thenRun(talk::close);
      return stays;
    } finally {
      if (!stays) {
        guest.turnAway();
      }
    }
  }

  private Greeting greeting(byte[] nonce, byte[] said) throws IOException {
    int proofEnd = Hello.NONCE_BYTES + Secret.PROOF_BYTES;
    if (said.length < proofEnd) {
      throw new IllegalArgumentException("a greeting of " + said.length + " bytes says nothing");
    }
    byte[] theirs = Arrays.copyOf(said, Hello.NONCE_BYTES);
    byte[] proof = Arrays.copyOfRange(said, Hello.NONCE_BYTES, proofEnd);
    byte[] message = Arrays.copyOfRange(said, proofEnd, said.length);
    if (!secret.proves(proof, nonce, theirs, message)) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The greeting does not prove the secret that is here: give both sides the same");
    }
    return Greeting.decode(message);
  }

  private static byte[] first(byte kind, byte[] rest) {
    byte[] all = new byte[1 + rest.length];
    all[0] = kind;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static void log(Level level, String what, Throwable why) {
    TransportCommunicator.LOG.log(level, what + ": " + why.getMessage());
  }

  /** Takes no more, and ends all conversations: whoever was let in is turned away. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      log(Level.WARNING, "A port could not be closed", e);
    }
    closed.countDown();
    open.forEach(Talk::close);
    threads.shutdownNow();
  }
}
