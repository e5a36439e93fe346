package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.peer.Message.Ask;
import io.pagoda.core.peer.Message.Found;
import io.pagoda.core.peer.Message.Lent;
import io.pagoda.core.peer.Message.Look;
import io.pagoda.core.peer.Message.Numbered;
import io.pagoda.core.peer.Message.Ping;
import io.pagoda.core.peer.Message.Pong;
import io.pagoda.core.peer.Message.Release;
import io.pagoda.core.peer.Message.Sample;
import io.pagoda.core.peer.Message.Some;
import io.pagoda.core.peer.Message.Welcome;
import io.pagoda.core.peer.Message.Wrong;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Road;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * A conversation with a peer that lends, and the link to its memory. It is over when either is, or
 * when a question is not answered in time.
 *
 * <p><b>Threads.</b> Any; questions wait for their answers.
 */
final class Session implements AutoCloseable {
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final int MOST_WAITING = 1024;

  private final Channel channel;
  private final Welcome welcome;
  private final Link link;
  private final List<String> passedOver;
  private final Duration patience;
  private final BlockingQueue<Message> outbox = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Map<Long, CompletableFuture<Message>> waiting = new ConcurrentHashMap<>();
  private final Lock asking = new ReentrantLock();
  private long lastId;
  private final CompletableFuture<PagodaException> over = new CompletableFuture<>();

  /**
   * Begins nothing yet.
   *
   * @param passedOver the transports that this side would rather take, and the peer has not
   * @param patience how long an answer may take
   */
  Session(Channel channel, Welcome welcome, Link link, List<String> passedOver, Duration patience) {
    this.channel = channel;
    this.welcome = welcome;
    this.link = link;
    this.passedOver = List.copyOf(passedOver);
    this.patience = patience;
  }

  /** Begins to listen and to speak. */
  void begin() {
    // Not on the transport's thread: to close the link may wait for it.
    var _ = link.lost().thenAcceptAsync(this::end, Thread::startVirtualThread);
    Thread.ofVirtual().name("pagoda-peer-hears").start(this::listen);
    Thread.ofVirtual().name("pagoda-peer-says").start(this::speak);
  }

  private void listen() {
    try {
      while (!over.isDone()) {
        hear(channel.receive(Message.LONGEST_ANSWER));
      }
    } catch (IOException e) {
      end(new PagodaException(Fault.TRANSIENT, "the peer is gone: " + e.getMessage(), e));
    } catch (PagodaException e) {
      end(e);
    }
  }

  private void hear(Message message) throws IOException {
    if (!(message instanceof Numbered answer)) {
      throw new IOException("it says what it may not: " + message.type());
    }
    CompletableFuture<Message> question = waiting.remove(answer.id());
    if (question != null) {
      question.complete(answer);
    }
  }

  private void speak() {
    try {
      while (!over.isDone()) {
        Message next = outbox.poll(HEARTBEAT.toNanos(), TimeUnit.NANOSECONDS);
        channel.send(next == null ? new Ping(0) : next);
      }
    } catch (IOException e) {
      end(new PagodaException(Fault.TRANSIENT, "the peer is gone: " + e.getMessage(), e));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Is over, unless it is already. */
  void end(PagodaException why) {
    if (over.complete(why)) {
      channel.close();
      link.close();
      waiting.values().forEach(question -> question.completeExceptionally(why));
    }
  }

  /** {@return completes when it is over, with why} */
  CompletableFuture<PagodaException> over() {
    return over;
  }

  Welcome welcome() {
    return welcome;
  }

  Link link() {
    return link;
  }

  /** {@return how bytes come, and why not by a better way} */
  Road path() {
    Road road = link.path();
    for (String type : passedOver) {
      road = road.because("'%s' is not at the peer".formatted(type));
    }
    return road;
  }

  /** {@return whether what is said is sealed with a secret} */
  boolean veiled() {
    return channel.isVeiled();
  }

  /** {@return how many of some keys the peer has, from the first on} */
  int look(BlockKeys keys) {
    return Math.min(keys.size(), ask(id -> new Look(id, keys), Found.class).blocks());
  }

  /** {@return what the peer lends of some blocks} */
  Lent borrow(BlockKeys keys, Duration lifetime) {
    Lent lent = ask(id -> new Ask(id, lifetime.toMillis(), keys), Lent.class);
    if (lent.states().length != keys.size()) {
      throw failed("it answers for %d blocks of %d".formatted(lent.states().length, keys.size()));
    }
    return lent;
  }

  /** {@return keys of some blocks that the peer has} */
  BlockKeys sample(int most) {
    return ask(id -> new Sample(id, most), Some.class).keys();
  }

  /** Tells the peer that what it has lent is not read any more. */
  void release(long id) {
    tell(new Release(id));
  }

  /** Tells the peer that blocks of it are not what it said they were. */
  void wrong(BlockKeys keys) {
    tell(new Wrong(keys));
  }

  /** Asks whether it is there. */
  void ping() {
    ask(Ping::new, Pong.class);
  }

  private void tell(Message message) {
    if (!outbox.offer(message)) {
      end(failed("it takes nothing more, with %d messages waiting".formatted(MOST_WAITING)));
    }
  }

  private <M> M ask(LongFunction<Message> question, Class<M> kind) {
    return kind.cast(awaited(asked(question), kind));
  }

  /** Asks; one at a time, so that questions go in the order of their numbers. */
  private CompletableFuture<Message> asked(LongFunction<Message> question) {
    asking.lock();
    try {
      long id = ++lastId;
      var answer = new CompletableFuture<Message>();
      waiting.put(id, answer);
      if (over.isDone()) {
        waiting.remove(id);
        throw over.join();
      }
      tell(question.apply(id));
      return answer;
    } finally {
      asking.unlock();
    }
  }

  private <M> Message awaited(CompletableFuture<Message> answer, Class<M> kind) {
    try {
      Message message = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (kind.isInstance(message)) {
        return message;
      }
      throw failed("it answers something else");
    } catch (TimeoutException e) {
      throw failed("it has not answered within " + patience);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PagodaException why ? why : failed(String.valueOf(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("the wait for its answer was interrupted");
    }
  }

  /** {@return that there is no conversation, and why} */
  static PagodaException gone(String why) {
    return new PagodaException(Fault.TRANSIENT, why);
  }

  private PagodaException failed(String why) {
    var failure = new PagodaException(Fault.TRANSIENT, why);
    end(failure);
    return failure;
  }

  @Override
  public void close() {
    end(new PagodaException(Fault.TRANSIENT, "this side was closed"));
  }
}
