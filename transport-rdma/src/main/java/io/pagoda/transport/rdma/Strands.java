package io.pagoda.transport.rdma;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The queue pairs of a link: the first, and those that were connected behind it. */
final class Strands {
  private final List<Strand> further = new ArrayList<>();
  private volatile Queue[] all = {};
  private int missing;
  private boolean ended;

  /** Begins to connect as many as are set, beside the first. */
  void connect(
      RdmaTransport transport, RdmaLink link, byte[] ticket, InetSocketAddress to, int peerMtu,
      Duration deadline) throws IOException {
    List<Strand> made;
    synchronized (this) {
      missing = transport.settings().queuePairs() - 1;
      for (int i = 0; i < missing && !ended; i++) {
        further.add(new Strand(transport, link, ticket, peerMtu, deadline));
      }
      made = List.copyOf(further);
    }
    for (Strand one : made) {
      one.connect(to);
    }
  }

  /** {@return whether all are connected, now that one more is} */
  synchronized boolean joined() {
    return --missing == 0;
  }

  /** Bytes go by all of them from now on. */
  synchronized void open(Queue first) {
    List<Queue> queues = new ArrayList<>(List.of(first));
    further.forEach(one -> queues.add(one.queue()));
    all = queues.toArray(Queue[]::new);
  }

  /**
   * Sends a transfer by all of them, each as it has room, beginning with another each time.
   *
   * @return whether any takes it; whoever ends the link ends what some have taken
   */
  boolean offer(Transfer transfer, long turn) {
    Queue[] queues = all;
    boolean taken = false;
    for (int i = 0; i < queues.length; i++) {
      int at = (int) ((turn + i) % queues.length);
      taken |= queues[at].offer(transfer.by(at));
    }
    return taken;
  }

  /** {@return one of them; the first is 0} */
  Queue queue(int number) {
    return all[number];
  }

  List<Queue> queues() {
    return List.of(all);
  }

  /** Ends those behind the first. */
  void end() {
    List<Strand> made;
    synchronized (this) {
      ended = true;
      made = List.copyOf(further);
    }
    made.forEach(Strand::end);
  }
}
