package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.RdmaCmId;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A queue pair with its messages and its data, of either side. Whoever posts does so in its own
 * thread, one at a time; what completes is told by the thread of {@link Completions}.
 */
final class Queue {
  private final Device device;
  private final RdmaCmId id;
  private final int tag;
  private final Owner owner;
  private final IbvQP qp;
  private final Places places;
  private final Slots slots;
  private final Lane lane;
  private final ArrayDeque<Message> unsaid = new ArrayDeque<>();
  private final CompletableFuture<Void> said = new CompletableFuture<>();
  private boolean last;
  private boolean dead;
  private boolean flushed; // of the thread of completions
  private volatile long heard = System.nanoTime();
  private volatile long spoke = heard;

  /** Whose queue pair it is. */
  interface Owner {
    /** The peer says something; in the thread of completions. */
    void heard(Message message);

    /** The queue pair cannot be used any more; told once or more, from any thread. */
    void broken(PagodaException why);

    /** The same, but the connection manager will say why, unless it is late; told once. */
    void flushed(PagodaException why);

    /** {@return whether the peer asks, and this side answers} */
    boolean serves();

    /** {@return who the peer is, for people} */
    String subject();
  }

  /** Makes the queue pair of an identifier, ready to receive. */
  Queue(Device device, RdmaCmId id, int tag, RdmaSettings settings, Owner owner)
      throws IOException {
    this.device = device;
    this.id = id;
    this.tag = tag;
    this.owner = owner;
    places = new Places(owner.serves());
    qp = device.queue(id);
    try {
      slots = new Slots(device, qp, tag);
    } catch (IOException e) {
      device.cm().destroyQP(id);
      throw e;
    }
    long window = Math.max(settings.pieceBytes(), settings.windowBytes() / settings.queuePairs());
    lane = new Lane(device.ring(qp, tag), tag, device.depth(), window);
  }

  int tag() {
    return tag;
  }

  RdmaCmId id() {
    return id;
  }

  /**
   * {@return the way of its packets, if the device can be asked and it was not ended}
   *
   * @throws IOException if the device does not say
   */
  synchronized Optional<QueuePath> path() throws IOException {
    return dead ? Optional.empty() : device.path(qp); // what has ended is no queue pair to ask for
  }

  /** Connects it, unless it has ended. */
  synchronized void connect() throws IOException {
    if (dead) {
      throw new IOException("it was given up");
    }
    device.connect(id);
  }

  long heard() {
    return heard;
  }

  long spoke() {
    return spoke;
  }

  /** Sends data as there is room; {@code false} if it never will. */
  boolean offer(Work work) {
    IOException failure;
    synchronized (this) {
      if (dead) {
        return false;
      }
      lane.add(work);
      failure = pump();
    }
    report(failure);
    return true;
  }

  /** Reads a byte behind what was written; {@code false} if it never will. */
  boolean flush(FlushRead.From from, Runnable done) {
    return offer(new FlushRead(from, slots.landing(), slots.lkey(), done));
  }

  /** Says something, after what was said before. */
  void send(Message message) {
    IOException failure;
    synchronized (this) {
      if (dead || last) {
        return;
      }
      unsaid.addLast(message);
      failure = pump();
    }
    report(failure);
  }

  /** Says something as the last thing, and completes when the peer has it. */
  CompletableFuture<Void> sendLast(Message message) {
    send(message);
    synchronized (this) {
      last = true;
      tellIfSaid();
    }
    return said;
  }

  private void tellIfSaid() {
    if (dead || (last && unsaid.isEmpty() && lane.idle())) {
      said.complete(null);
    }
  }

  private @Nullable IOException pump() {
    try {
      while (!unsaid.isEmpty() && places.maySay() && room()) {
        say(unsaid.removeFirst());
      }
      if (places.owes(unsaid.size()) && room()) {
        say(new Message(Message.PING, 0));
      }
      lane.pump();
      return lane.stuck() ? new IOException("the device takes no more, though it is idle") : null;
    } catch (IOException e) {
      return e;
    }
  }

  private boolean room() {
    return slots.vacant() && lane.roomForMessage();
  }

  private void say(Message message) throws IOException {
    Slots.Slot slot = slots.take();
    slot.send(message, places.say(unsaid.size()), lane.begin(slot, 1, 0));
    spoke = System.nanoTime();
  }

  private void report(@Nullable IOException failure) {
    if (failure != null) {
      owner.broken(
          new PagodaException(
              Fault.TRANSIENT,
              "Cannot send to %s: %s".formatted(owner.subject(), failure.getMessage()), failure));
    }
  }

  /** A completion that is no failure. */
  void completed(int number, int bytes, Lane.Over over) {
    if ((number & Slots.RECEIVED) != 0) {
      received(number & ~Slots.RECEIVED, bytes);
      return;
    }
    int count;
    IOException failure;
    synchronized (this) {
      if (dead) {
        return;
      }
      count = lane.completed(number, over);
      for (int i = 0; i < count; i++) {
        if (over.owners[i] instanceof Slots.Slot slot) {
          slots.back(slot);
        }
      }
      failure = pump();
      tellIfSaid();
    }
    for (int i = 0; i < count; i++) {
      if (over.owners[i] instanceof Work work) {
        work.done(over.bytes[i]);
      }
      over.owners[i] = null;
    }
    report(failure);
  }

  private void received(int slot, int bytes) {
    heard = System.nanoTime();
    Optional<Message> message;
    IOException failure;
    synchronized (this) {
      if (dead) {
        return;
      }
      message = slots.received(slot, bytes);
      int told = slots.places(slot);
      try {
        slots.receiveAgain(slot);
        places.heard(told, message.filter(one -> one.type() == Message.PING).isPresent());
        failure = pump();
        tellIfSaid();
      } catch (IOException e) {
        failure = e;
      }
    }
    report(failure);
    message.ifPresentOrElse(
        owner::heard,
        () -> owner.broken(
            new TransportException(
                Why.LOST, Fault.PERMANENT, owner.subject() + " says what is no message")));
  }

  /**
   * A completion that is a failure: everything behind it fails, too. One that is flushed has failed
   * for no reason of its own: if it is the first, the connection manager has ended the queue pair.
   */
  void failed(int status) {
    TransportException why = new TransportException(
        Why.LOST, Fault.TRANSIENT,
        "Lost %s: %s".formatted(owner.subject(), WorkStatus.text(status)));
    if (status != WorkStatus.FLUSHED) {
      owner.broken(why);
    } else if (!flushed) {
      flushed = true;
      owner.flushed(why);
    }
  }

  synchronized long doorbells() {
    return lane.doorbells();
  }

  synchronized long moving() {
    return lane.moving();
  }

  /**
   * Ends the queue pair: when this returns, the device touches nothing for it any more. The
   * identifier is to be ended by the thread that hears of it.
   */
  void destroy() {
    synchronized (this) {
      if (dead) {
        return;
      }
      dead = true;
      try {
        device.cm().disconnect(id);
        device.cm().destroyQP(id);
      } catch (IOException e) {
        RdmaTransport.LOG.log(Level.WARNING, "A queue pair cannot be ended", e);
      }
      lane.close();
      slots.close();
      said.complete(null);
    }
  }
}
