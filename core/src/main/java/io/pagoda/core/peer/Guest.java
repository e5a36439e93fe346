package io.pagoda.core.peer;

import io.pagoda.PagodaException;
import io.pagoda.core.peer.Message.Ask;
import io.pagoda.core.peer.Message.Found;
import io.pagoda.core.peer.Message.Greeting;
import io.pagoda.core.peer.Message.Hello;
import io.pagoda.core.peer.Message.Lent;
import io.pagoda.core.peer.Message.Look;
import io.pagoda.core.peer.Message.Ping;
import io.pagoda.core.peer.Message.Pong;
import io.pagoda.core.peer.Message.Refusal;
import io.pagoda.core.peer.Message.Release;
import io.pagoda.core.peer.Message.Sample;
import io.pagoda.core.peer.Message.Some;
import io.pagoda.core.peer.Message.Welcome;
import io.pagoda.core.peer.Message.Wrong;
import io.pagoda.core.peer.PeerServer.Served;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/*
 * A loan ends with its grant, and with nothing else: when the peer releases it, when it is too old,
 * when the conversation or the link is over, each of which ends the grant. The transport tells of
 * that when nothing touches the windows any more, and only then the blocks may move.
 */
/** A peer that asks, from the moment it connects until nothing is lent to it any more. */
final class Guest implements Runnable, AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** How much may be lent to one peer at once, in loans. */
  private static final int MOST_LOANS = 256;

  private final PeerServer server;
  private final Channel channel;
  private final Map<Long, Grant> grants = new ConcurrentHashMap<>();
  private final Set<Lending> lendings = ConcurrentHashMap.newKeySet();
  private final Credit credit = new Credit(Message.MOST_LENT);
  private final long born = System.nanoTime();
  private long lastAsk;
  private volatile String name = "";
  private volatile boolean known;
  private volatile boolean closed;

  Guest(PeerServer server, Channel channel) {
    this.server = server;
    this.channel = channel;
  }

  int loans() {
    return lendings.size();
  }

  /** {@return whether it has proved who it is} */
  boolean known() {
    return known;
  }

  /** {@return when it came} */
  long born() {
    return born;
  }

  /** {@return whether it keeps this side waiting in the middle of something} */
  boolean overdue() {
    Duration silence = server.settings().silence();
    boolean dawdles = !known && System.nanoTime() - born > silence.toNanos();
    return dawdles || channel.stuck(silence);
  }

  boolean closed() {
    return closed;
  }

  /** Listens until the conversation is over. */
  @Override
  public void run() {
    try {
      channel.patience(server.settings().silence());
      Served served = welcome();
      if (served != null) {
        while (!closed) {
          answer(channel.receive(Message.LONGEST_QUESTION), served);
        }
      }
    } catch (IOException | RuntimeException e) { // it costs this peer its conversation
      PeerServer.LOG.log(Level.DEBUG, "The peer {0} asks no more: {1}", this, e.getMessage());
    } finally {
      close();
      server.left(this);
    }
  }

  /** {@return by what the peer reads; null if it was not let in} */
  private @Nullable Served welcome() throws IOException {
    Optional<byte[]> secret = server.settings().secret();
    byte[] nonce = new byte[Message.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    Hello hello = new Hello(Message.VERSION, secret.isPresent(), nonce);
    channel.send(hello);
    if (!(channel.receive(Message.LONGEST_GREETING) instanceof Greeting greeting)) {
      return refuse("whoever asks greets first");
    }
    if (!MessageDigest.isEqual(greeting.proof(), Veil.proof(secret, hello, greeting))) {
      return refuse("it does not prove the secret that is known here: give both the same");
    }
    name = greeting.name();
    channel.veiled(Veil.of(secret, hello, greeting, false));
    if (!greeting.shape().equals(server.shape())) {
      return refuse(
          "its blocks are others: %s there, and %s at %s"
              .formatted(greeting.shape(), server.shape(), server.settings().name()));
    }
    Optional<Served> served = server.common(greeting.transports());
    if (served.isEmpty()) {
      return refuse(
          "no transport is on both sides: %s there, %s here"
              .formatted(greeting.transports(), server.types()));
    }
    known = true;
    if (!server.admits()) {
      return refuse("as many peers ask already as pagoda.peers.guests");
    }
    channel.send(
        new Welcome(
            server.settings().name(), server.shape(), server.settings().lifetime().toMillis(),
            served.get().endpoint().metadata()));
    return served.get();
  }

  private @Nullable Served refuse(String why) throws IOException {
    server.refused(this, why);
    channel.send(new Refusal(why));
    return null;
  }

  private void answer(Message question, Served served) throws IOException {
    switch (question) {
      case Look look -> channel.send(new Found(look.id(), server.lender().held(look.keys())));
      case Ask ask -> channel.send(lend(ask, served));
      case Release release -> end(release.id());
      case Wrong wrong -> server.doubt(credit.spent(wrong.keys()));
      case Sample sample ->
        channel.send(new Some(sample.id(), server.lender().some(sample.most())));
      case Ping ping -> channel.send(new Pong(ping.id()));
      default -> throw new IOException("it says what it may not: " + question.type());
    }
  }

  private void end(long id) {
    Grant grant = grants.remove(id);
    if (grant != null) {
      grant.close();
    }
  }

  private Lent lend(Ask ask, Served served) throws IOException {
    if (ask.id() <= lastAsk) {
      throw new IOException("it asks under number %d after %d".formatted(ask.id(), lastAsk));
    }
    lastAsk = ask.id();
    if (lendings.size() >= MOST_LOANS) {
      byte[] busy = new byte[ask.keys().size()];
      Arrays.fill(busy, Loan.BUSY);
      return new Lent(ask.id(), busy, new int[0], new byte[0]);
    }
    var lending = new Lending(ask.id());
    Loan loan = server.lender().lend(ask.keys(), lifetime(ask), lending::recall);
    byte[] grant = loan.offsets().length == 0 ? nothing(loan) : granted(ask, lending, loan, served);
    server.lentCount().add(loan.offsets().length);
    credit.gain(ask.keys(), loan.states());
    return new Lent(ask.id(), loan.states(), loan.checksums(), grant);
  }

  private static byte[] nothing(Loan loan) {
    loan.close();
    return new byte[0];
  }

  private byte[] granted(Ask ask, Lending lending, Loan loan, Served served) {
    Grant grant = grant(ask, lending, loan, served);
    try { // from here on its end alone ends the loan
      grants.put(ask.id(), grant);
      if (lending.over || lending.recalled || closed) {
        end(ask.id());
      }
      return grant.metadata().encode();
    } catch (RuntimeException | Error e) {
      grants.remove(ask.id(), grant);
      grant.close();
      throw e;
    }
  }

  private Grant grant(Ask ask, Lending lending, Loan loan, Served served) {
    try {
      lending.loan = loan;
      lendings.add(lending);
      return served.transport().grant(terms(ask, loan, served), lending);
    } catch (RuntimeException | Error e) {
      lending.ended(GrantListener.End.REVOKED);
      throw e;
    }
  }

  private GrantTerms terms(Ask ask, Loan loan, Served served) {
    long blockBytes = server.shape().blockBytes();
    List<Window> windows = new ArrayList<>();
    for (long offset : loan.offsets()) {
      windows.add(new Window(served.region(), offset, blockBytes));
    }
    return new GrantTerms(windows, Set.of(Right.READ), lifetime(ask), 0);
  }

  private Duration lifetime(Ask ask) {
    long most = server.settings().lifetime().toMillis();
    return Duration.ofMillis(Math.clamp(ask.lifetime(), 1, most));
  }

  /** Ends the conversation, and what is lent. */
  @Override
  public void close() {
    closed = true;
    channel.close();
    grants.keySet().forEach(this::end);
  }

  /** One loan, which ends with its grant. */
  private final class Lending implements GrantListener {
    private final long id;
    private volatile @Nullable Loan loan;
    private volatile boolean over;
    private volatile boolean recalled;

    Lending(long id) {
      this.id = id;
    }

    /** Ends the loan as soon as there is one. */
    void recall() {
      recalled = true;
      end(id);
    }

    @Override
    public void lost(Peer peer, PagodaException cause) {
      end(id);
    }

    @Override
    public void ended(End end) {
      if (lendings.remove(this)) {
        over = true;
        grants.remove(id);
        Objects.requireNonNull(loan).close();
      }
    }
  }

  @Override
  public String toString() {
    return "%s (%s)".formatted(name.isEmpty() ? "unknown" : name, channel.remote());
  }
}
