package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Shows a peer that this side lives, and looks whether it does. */
final class Heartbeat implements Runnable {
  private final Queue queue;
  private final RdmaSettings settings;
  private final Consumer<PagodaException> broken;
  private final Supplier<String> subject;
  private final Completions completions;
  private boolean doubted;

  Heartbeat(
      Queue queue, RdmaTransport transport, Consumer<PagodaException> broken,
      Supplier<String> subject) {
    this.queue = queue;
    settings = transport.settings();
    completions = transport.completions();
    this.broken = broken;
    this.subject = subject;
  }

  @Override
  public void run() {
    if (System.nanoTime() - queue.spoke() >= settings.times().heartbeat().toNanos()) {
      queue.send(new Message(Message.PING, 0));
    }
    boolean silent = silent();
    if (silent && doubted) { // twice, and with nothing left to read: this side may have stood still
      completions.whenEmpty(this::look);
    }
    doubted = silent;
  }

  private boolean silent() {
    return System.nanoTime() - queue.heard() > settings.times().silence().toNanos();
  }

  private void look() {
    if (silent()) {
      broken.accept(
          new TransportException(
              Why.LOST, Fault.TRANSIENT, "Lost %s: nothing was heard of it for %d ms"
                  .formatted(subject.get(), settings.times().silence().toMillis())));
    }
  }
}
